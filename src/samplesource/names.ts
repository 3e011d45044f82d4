/*
 * Every name of this source, each written once. Some of them must also be in `manifests/`, for Kubernetes, and in
 * `package.json`, for npm.
 */

/** The API group, version and kind of the source. */
export const group = 'samples.knative.dev'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`
export const kind = 'SampleSource'

/** Its names for `kubectl`. */
export const singular = 'samplesource'
export const plural = 'samplesources'

/** The CloudEvents type and source of its events: the status announces them, the receive adapter sends them. */
export const eventType = 'dev.knative.sample'
export const eventSource = 'sample.knative.dev/heartbeat-source'

/** Under this name the controller labels its children and reports its events. */
export const controllerAgentName = 'sample-source-controller'

/** Under this name an adapter finds its level in `config-logging`. */
export const component = 'sample-source'

/** A child's name begins with this, then the source's name. */
export const childNamePrefix = 'samplesource-'

/** The names of all metrics begin with this, then an underscore. */
export const metricsPrefix = 'samplesource'

/** The command, as in `package.json`. */
export const command = 'samplesource'

/** The package, and the image until it gets a registry; in `manifests/`, the hook's own objects. */
export const packageName = 'samplesource-hook'

/** The hook's namespace in `manifests/`. */
export const systemNamespace = 'knative-samples'
