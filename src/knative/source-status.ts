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
    serviceAccountName: Type.Optional(Type.String({ description: 'ServiceAccount that was made for the OIDC authentication of this source.' })),
    serviceAccountNames: Type.Optional(Type.Array(Type.String(), { description: 'ServiceAccounts, where it is more than one.' }))
  }, { description: 'The identity that the source shows to its sink.' })),
  ceAttributes: Type.Array(Type.Object({
    type: Type.String({ description: 'CloudEvents type attribute.' }),
    source: Type.String({ description: 'CloudEvents source attribute.' })
  }), { description: 'The attributes of the events that the source sends.' })
})

export type SourceStatus = Static<typeof SourceStatus>
