/** A new id for a conversation or a message: 128 random bits as hex, which the contract accepts. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
}
