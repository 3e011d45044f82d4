import { readFileSync, writeFileSync } from 'node:fs'
import { pages, withTables } from './tables.js'

/* Part of `npm run generate`: writes the tables of the documents that are generated. */

for (const page of pages) writeFileSync(page, await withTables(readFileSync(page, 'utf8')))
