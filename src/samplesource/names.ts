/*
 * Every name of this source, each written once. Kubernetes wants some of them in `manifests/` too, and npm in
 * `package.json`.
 */

/** The API group, version and kind of the source. */
export const group = 'samples.knative.dev'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`
export const kind = 'SampleSource'

/** What `kubectl` calls it. */
export const singular = 'samplesource'
export const plural = 'samplesources'

/** The CloudEvents type and source of what it sends: the status promises them, the receive adapter keeps that. */
export const eventType = 'dev.knative.sample'
export const eventSource = 'sample.knative.dev/heartbeat-source'

/** The name under which the controller labels its children and reports its events. */
export const controllerAgentName = 'sample-source-controller'

/** By this name an adapter finds its own level among those of `config-logging`. */
export const component = 'sample-source'

/** A child's name begins with this, then the source's name. */
export const childNamePrefix = 'samplesource-'

/** The names of all metrics of the programs begin with this, then an underscore. */
export const metricsPrefix = 'samplesource'

/** The command, as `package.json` names it. */
export const command = 'samplesource'

/** The package, and the image as long as nobody has given it a registry; in `manifests/`, the hook's own objects. */
export const packageName = 'samplesource-hook'

/** The namespace that `manifests/` make for the hook. */
export const systemNamespace = 'knative-samples'
