/** An environment variable of the adapter. */
export interface Variable {
  /** A sentence for the table of docs/configuration.md. */
  description: string
  /** Default value; undefined if the variable is required or has none. */
  default?: string
  /** What applies if it is not set, in words. */
  unset?: string
}

/** The environment variables that every adapter takes. Those of the source's settings are in heartbeat.ts. */
export const variables = {
  EVENT_SOURCE: { description: '`<namespace>/<name>` of the source, for each line of the log.' },
  NAMESPACE: { description: 'Namespace of the source, for the header `Kn-Namespace`.' },
  NAME: { description: 'Name of the pod, for telemetry.', unset: '`HOSTNAME`' },
  K_SINK: { description: 'URL of the sink, http or https.', unset: 'required' },
  K_CE_OVERRIDES: { description: 'Extensions of every event: `{"extensions": {"name": "value"}}`.', default: '{}' },
  K_CA_CERTS: { description: 'PEM certificates to trust for the sink.', unset: 'none' },
  SSL_CERT_FILE: { description: 'PEM file with the root certificates of the system. The adapter ends if it cannot read the file.', unset: '`/etc/ssl/certs/ca-certificates.crt`, or Node\'s own if there is no such file' },
  K_SINK_TIMEOUT: { description: 'Longest time for one attempt to send, in seconds.', default: '10' },
  K_LOGGING_CONFIG: { description: 'Data of the ConfigMap `config-logging`, as JSON. The level is `loglevel.<component>`, or else `level` of `zap-logger-config`.', default: '{}', unset: 'level `info`' },
  K_COMPONENT: { description: 'Name of the component in `K_LOGGING_CONFIG`.' },
  K_OBSERVABILITY_CONFIG: { description: '[Telemetry](adapter.md#telemetry), as the ConfigMap `config-observability` has it, as JSON.', unset: 'metrics for Prometheus' },
  METRICS_PORT: { description: 'Port for Prometheus: `GET /metrics`.', unset: 'that of `K_OBSERVABILITY_CONFIG`, or else `9090`' },
  PROFILING_PORT: { description: 'Port for profiles, if profiling is enabled.', default: '8008' },
  OTEL_SERVICE_NAME: { description: 'Name of the adapter in telemetry.', unset: '`K_COMPONENT`' },
  HTTP_PROXY: { description: 'Proxy for an http sink. Also read in lower case, as the next two.', unset: 'none' },
  HTTPS_PROXY: { description: 'Proxy for an https sink.', unset: 'none' },
  NO_PROXY: { description: 'Hosts to reach without a proxy, as [Go programs](https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config) read them: names, domains, addresses, ranges of addresses, or `*`.', unset: 'none' }
} satisfies Record<string, Variable>

/** The name of a variable that every adapter takes. */
export type VariableName = keyof typeof variables
