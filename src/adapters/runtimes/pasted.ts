/** Claude Code's word for a long paste (2.1.329), which the scripted agent shares. */
export const PASTED = /\[Pasted\s+text\s+#\d+(?:\s+\+\d+\s+lines)?\]/;
