import { isObject, stringAt, valueAt } from '../kubernetes/object.js'

/** A document, and where it stands. */
export interface Located {
  file: string
  value: unknown
}

/**
 * The items of a list, be it a `List` or one of a kind, and those of the lists among them. An item without a kind has that
 * of its list: https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1/unstructured#UnstructuredList
 *
 * @returns the document itself where it is no list
 */
export function itemsOf ({ file, value }: Located): Located[] {
  const items = valueAt(value, 'items')
  const itemKind = /^(.*)List$/.exec(stringAt(value, 'kind') ?? '')?.[1]
  if (itemKind === undefined || !Array.isArray(items)) return [{ file, value }]
  const known = itemKind === '' ? {} : { apiVersion: valueAt(value, 'apiVersion'), kind: itemKind }
  return items.flatMap(item => itemsOf({ file, value: isObject(item) && item['kind'] === undefined ? { ...item, ...known } : item }))
}
