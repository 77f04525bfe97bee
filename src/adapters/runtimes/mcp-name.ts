/** The name that prompts know our tools by: `mcp__overture__remember`. */
export const SERVER = "overture";
