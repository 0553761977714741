/** A tensor of one number a row. */
export const float = (name: string) => ({ name, type: 'float32', shape: ['N', 1] }) as const;
