/** How long packets that are there wait for those that are still to come. */

const PATIENCE_MS = 200;

/** @returns false where it takes longer than people like to wait */
export async function orLate(arrival: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, false);
  });
  try {
    return await Promise.race([arrival, late]);
  } finally {
    clearTimeout(timer);
  }
}
