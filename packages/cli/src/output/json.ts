/** JSON text in which heights, sequences and amounts are decimal strings and bytes are 0x hex. */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (typeof item === 'bigint') return item.toString();
      if (item instanceof Uint8Array) return `0x${Buffer.from(item).toString('hex')}`;
      if (item instanceof Map) return Object.fromEntries(item);
      return item;
    },
    indent,
  );
