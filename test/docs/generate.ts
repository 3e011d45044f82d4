import { readFileSync, writeFileSync } from 'node:fs'
import { drawDashboard, picture } from './dashboard.js'
import { pages, withTables } from './tables.js'

/* Part of `npm run generate`: writes the tables and the picture of the dashboard. */

for (const page of pages) writeFileSync(page, await withTables(readFileSync(page, 'utf8')))
writeFileSync(picture, drawDashboard())
