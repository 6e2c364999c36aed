/** Sorted as numbers: that takes a third of the time. @param badnessOf the more, the worse; of equals the first stays first */
export function worstFirst<Part>(
  parts: readonly Part[],
  badnessOf: (part: Part) => number,
): Part[] {
  const worst = Float64Array.from(parts, badnessOf);
  const order = Uint32Array.from(parts, (_, at) => at);
  order.sort((a, b) => (worst[b] as number) - (worst[a] as number) || a - b);
  return Array.from(order, (at) => parts[at] as Part);
}
