import { CoreError } from '../errors.ts';
import { decodeIcs20Abi, encodeIcs20Abi } from './abi.ts';
import { assertIcs20PacketData, type Ics20PacketData } from './data.ts';
import { decodeIcs20Json, encodeIcs20Json } from './json.ts';
import { decodeIcs20Protobuf, encodeIcs20Protobuf } from './protobuf.ts';

/** Values of `payload.encoding` for ICS-20. */
export type Ics20Encoding = 'application/json' | 'application/x-protobuf' | 'application/x-solidity-abi';

interface Codec {
  encode(data: Ics20PacketData): Uint8Array;
  decode(bytes: Uint8Array): Ics20PacketData;
}

const CODECS: Readonly<Record<Ics20Encoding, Codec>> = {
  'application/json': { encode: encodeIcs20Json, decode: decodeIcs20Json },
  'application/x-protobuf': { encode: encodeIcs20Protobuf, decode: decodeIcs20Protobuf },
  'application/x-solidity-abi': { encode: encodeIcs20Abi, decode: decodeIcs20Abi },
};

/** True when `encoding` is one of the three that ICS-20 knows. */
export const isIcs20Encoding = (encoding: string): encoding is Ics20Encoding => Object.hasOwn(CODECS, encoding);

/**
 * Encodes ICS-20 packet data as a payload's `value`.
 * @throws CoreError `ics20/invalid` when a string is not well-formed Unicode or the amount is not a uint256
 */
export const encodeIcs20PacketData = (data: Ics20PacketData, encoding: Ics20Encoding): Uint8Array =>
  CODECS[encoding].encode(assertIcs20PacketData(data));

/**
 * Strict decoder of a payload's `value`. Whether the transfer makes sense (amount above zero, addresses that exist) is
 * left to the application.
 * @param encoding the payload's `encoding`
 * @throws CoreError `ics20/invalid`, `ics20/unknown-encoding`, `ics20/non-canonical` (protobuf), and for the ABI form
 * `abi/truncated`, `abi/offset-out-of-range`, `abi/length-out-of-range`, `abi/invalid-utf8`, `abi/non-canonical`
 */
export const decodeIcs20PacketData = (bytes: Uint8Array, encoding: string): Ics20PacketData => {
  if (!isIcs20Encoding(encoding)) {
    throw new CoreError('ics20/unknown-encoding', `ICS-20 has no encoding ${JSON.stringify(encoding.slice(0, 80))}`, {
      meta: { got: encoding.slice(0, 80) },
    });
  }
  return CODECS[encoding].decode(bytes);
};
