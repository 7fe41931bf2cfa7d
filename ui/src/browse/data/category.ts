/** A category and its value as one word of the address: "mood:very%20dark". */
export const valueOfParts = (name: string, value: string): string => `${encodeURIComponent(name)}:${encodeURIComponent(value)}`;

/** The category and its value. */
export function partsOf(word: string): [string, string] {
  const [name = '', value = ''] = word.split(':', 2).map(decoded);
  return [name, value];
}

/** What was encoded; as it stands where it was not. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
