/** One word for sh, whatever it holds. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
