import type { AddressInfo, Server } from 'node:net';
import { GrpcCode } from '../grpc/code.ts';
import { RpcError } from '../grpc/rpc-error.ts';

const parseAddress = (address: string): { host: string; port: number } => {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  if (at < 1 || at === address.length - 1 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RpcError(GrpcCode.InvalidArgument, 'listen address is not host:port', { meta: { address } });
  }
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port };
};

/**
 * Binds a server.
 * @param address `host:port`; port 0 picks a free one
 * @returns the port
 * @throws RpcError `rpc/invalid-argument`, `rpc/unavailable` (not retryable) when the address cannot be bound
 */
export const listen = (server: Server, address: string): Promise<number> => {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(
        new RpcError(GrpcCode.Unavailable, `cannot listen on ${address}: is the port taken?`, {
          cause,
          meta: { address },
          retryable: false,
        }),
      );
    server.once('error', onError);
    server.listen(port, host, () => {
      server.removeListener('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
};
