/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/ */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: Array<{ key: string, operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[] }>
}

/** Whether a selector matches labels. An absent selector matches everything. */
export function selects ({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}, labels: Record<string, string> = {}): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      switch (operator) {
        case 'In': return value !== undefined && values.includes(value)
        case 'NotIn': return value === undefined || !values.includes(value)
        case 'Exists': return value !== undefined
        default: return value === undefined
      }
    })
}
