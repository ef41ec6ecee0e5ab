/** The middle one of some times. */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
