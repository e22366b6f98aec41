import { create, type DescMethodUnary, type DescService, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { GrpcCode } from './code.ts';
import { RpcError } from './rpc-error.ts';

/** Encodes and decodes both directions of one unary method. */
export interface MethodCodec {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly localName: string;
  encodeRequest(init: object): Uint8Array;
  /** @throws RpcError `rpc/invalid-argument` */
  decodeRequest(data: Uint8Array): Message;
  encodeResponse(init: object): Uint8Array;
  /** @throws RpcError `rpc/internal` */
  decodeResponse(data: Uint8Array): Message;
}

const decodeOr = (schema: DescMethodUnary['input'], data: Uint8Array, grpcCode: GrpcCode): Message => {
  try {
    return fromBinary(schema, data);
  } catch (cause) {
    throw new RpcError(grpcCode, `malformed protobuf: not a ${schema.typeName}`, { cause });
  }
};

/** The unary methods of a service, by local name. Streams are not used in this project. */
export const methodCodecs = (desc: DescService): readonly MethodCodec[] =>
  desc.methods.flatMap((method) =>
    method.methodKind !== 'unary'
      ? []
      : [
          {
            path: `/${desc.typeName}/${method.name}`,
            localName: method.localName,
            encodeRequest: (init) => toBinary(method.input, create(method.input, init as Record<string, unknown>)),
            decodeRequest: (data) => decodeOr(method.input, data, GrpcCode.InvalidArgument),
            encodeResponse: (init) => toBinary(method.output, create(method.output, init as Record<string, unknown>)),
            decodeResponse: (data) => decodeOr(method.output, data, GrpcCode.Internal),
          },
        ],
  );
