const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Text of a packet as chains hold it: bytes. The same bytes give the same text whichever chain they were read from, and
 * text that is UTF-8 gives the same bytes again: a mark at the beginning stays. Bytes that are no UTF-8 (a router takes any)
 * are shown with U+FFFD and do not throw, so that nobody stops the reading of a chain with them; such a packet hashes to
 * another commitment than the chain holds, which is what keeps it from being relayed.
 */
export const decodePacketText = (bytes: Uint8Array): string => utf8.decode(bytes);
