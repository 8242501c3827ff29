import { drawFrom, type Random, spreadByWeight } from '../server/random.js';

/** Where people live: degrees of north and east in the midst of some crowded parts of the world, and how many do. */
const CENTRES = spreadByWeight([
  [[40.7, -74.0], 12],
  [[34.1, -118.2], 9],
  [[41.9, -87.6], 7],
  [[29.8, -95.4], 6],
  [[19.4, -99.1], 6],
  [[-23.5, -46.6], 8],
  [[-34.6, -58.4], 5],
  [[51.5, -0.1], 9],
  [[48.9, 2.4], 8],
  [[52.5, 13.4], 9],
  [[41.0, 29.0], 5],
  [[6.5, 3.4], 6],
  [[30.0, 31.2], 6],
  [[-26.2, 28.0], 4],
  [[28.6, 77.2], 10],
  [[19.1, 72.9], 8],
  [[39.9, 116.4], 7],
  [[31.2, 121.5], 8],
  [[35.7, 139.7], 9],
  [[-6.2, 106.8], 6],
  [[-33.9, 151.2], 5],
  [[-41.3, 174.8], 2],
] as const);

const DEGREES_AROUND = 4;

/** Four decimals, as texts: `-37.3159`. More live near a centre than far from it. */
export function drawCoordinates(random: Random): { readonly lat: string; readonly lng: string } {
  const [north, east] = drawFrom(random, CENTRES);
  const stray = () => (random() + random() - 1) * DEGREES_AROUND;
  return { lat: (north + stray()).toFixed(4), lng: (east + stray()).toFixed(4) };
}
