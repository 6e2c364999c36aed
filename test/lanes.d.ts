export const SLOW: readonly string[];
export const ALONE: readonly string[];
