import { readFileSync } from 'node:fs'
import * as names from '../../src/samplesource/names.js'

/** A panel of the Grafana dashboard. */
export interface Panel {
  type: string
  title: string
  description?: string
  gridPos: { x: number, y: number, w: number, h: number }
  fieldConfig?: { defaults: { unit: string } }
  targets?: Array<{ expr: string, legendFormat: string }>
}

/** Reads the Grafana dashboard. */
export function readDashboard (): { title: string, panels: Panel[] } {
  return JSON.parse(readFileSync('manifests/components/monitoring/dashboard.json', 'utf8')) as { title: string, panels: Panel[] }
}

/**
 * Puts values in the place of the dashboard's variables, as Grafana does.
 *
 * @param interval of the scrapes, in seconds
 */
export function withVariables (expression: string, interval: number): string {
  // https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/#use-__rate_interval
  return expression.replaceAll('$namespace', names.systemNamespace).replaceAll('$__rate_interval', `${4 * interval}s`)
}
