import { isObject, stringAt, valueAt } from '../kubernetes/object.js'

/** A document, and the file it is in. */
export interface Located {
  file: string
  value: unknown
}

/**
 * The items of a list, either a `List` or a list of one kind, including nested lists. An item without a kind has the kind
 * of its list: https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1/unstructured#UnstructuredList
 *
 * @returns the document itself if it is not a list
 */
export function itemsOf ({ file, value }: Located): Located[] {
  const items = valueAt(value, 'items')
  const itemKind = /^(.*)List$/.exec(stringAt(value, 'kind') ?? '')?.[1]
  if (itemKind === undefined || !Array.isArray(items)) return [{ file, value }]
  const known = itemKind === '' ? {} : { apiVersion: valueAt(value, 'apiVersion'), kind: itemKind }
  return items.flatMap(item => itemsOf({ file, value: isObject(item) && item['kind'] === undefined ? { ...item, ...known } : item }))
}
