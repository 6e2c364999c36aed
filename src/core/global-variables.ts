/** A global variable of the core: in a map of the kernel, or in the memory of a replay. */
export interface GlobalVariables {
  memory(): Buffer;
}

export function viewOf(map: GlobalVariables): DataView {
  const memory = map.memory();
  return new DataView(memory.buffer, memory.byteOffset, memory.length);
}
