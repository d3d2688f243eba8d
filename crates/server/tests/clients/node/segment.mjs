// Makes the calls of calls.json with @segment/analytics-node: node segment.mjs BASE WRITE_KEY CALLS FLUSH_AT
import { readFileSync } from 'node:fs'
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, calls, flushAt] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: Number(flushAt) })
const failures = []
analytics.on('error', (error) => failures.push(error))
const made = Date.now()
for (const { type, secondsAgo, ...call } of JSON.parse(readFileSync(calls, 'utf8'))) {
  analytics[type]({ ...call, timestamp: new Date(made - secondsAgo * 1000) })
}
await analytics.closeAndFlush({ timeout: 60_000 })
if (failures.length) {
  console.error(failures)
  process.exit(1)
}
