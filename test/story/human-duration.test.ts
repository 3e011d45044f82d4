import t from 'tap'
import { humanDuration } from './human-duration.js'

/** What HumanDuration of k8s.io/apimachinery returns. */
const ages: Array<[seconds: number, age: string]> = [
  [0, '0s'], [1.9, '1s'], [119, '119s'], [120, '2m'], [124, '2m4s'], [599, '9m59s'], [600, '10m'], [659, '10m'], [10_799, '179m'], [10_800, '3h'],
  [10_860, '3h1m'], [28_799, '7h59m'], [28_800, '8h'], [172_799, '47h'], [172_800, '2d'], [180_000, '2d2h'], [691_199, '7d23h'], [691_200, '8d'], [31_536_000, '365d']
]
for (const [seconds, age] of ages) t.equal(humanDuration(seconds), age, `${seconds} s`)
