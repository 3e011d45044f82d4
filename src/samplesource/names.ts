/* What the status of a SampleSource promises, and its receive adapter keeps. */

/** The CloudEvents type of what a SampleSource sends. */
export const eventType = 'dev.knative.sample'

/** The CloudEvents source of what a SampleSource sends. */
export const eventSource = 'sample.knative.dev/heartbeat-source'
