import { Type, type Static } from '@sinclair/typebox'

/**
 * What the status of every source reports about its sink and its events, besides the conditions.
 * https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#SourceStatus
 */
export const SourceStatus = Type.Object({
  sinkUri: Type.Optional(Type.String({ description: 'The URL that the sink resolved to.' })),
  sinkCACerts: Type.Optional(Type.String({ description: 'Certification Authority certificates of the sink in PEM format.' })),
  sinkAudience: Type.Optional(Type.String({ description: 'OIDC audience of the sink.' })),
  auth: Type.Optional(Type.Object({
    serviceAccountName: Type.Optional(Type.String({ description: 'ServiceAccount created for the OIDC authentication of this source.' })),
    serviceAccountNames: Type.Optional(Type.Array(Type.String(), { description: 'ServiceAccounts, if there are several.' }))
  }, { description: 'Identity of the source towards its sink.' })),
  ceAttributes: Type.Array(Type.Object({
    type: Type.String({ description: 'CloudEvents type attribute.' }),
    source: Type.String({ description: 'CloudEvents source attribute.' })
  }), { description: 'Attributes of the events that the source sends.' })
})

export type SourceStatus = Static<typeof SourceStatus>
