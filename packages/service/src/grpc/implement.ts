import type { DescMethodUnary, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { EncodedMessage } from './encoded-message.ts';

/** What a method knows about the call it serves. */
export interface CallContext {
  /** Aborts when the caller hangs up or its deadline passes. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting, in Unix milliseconds; undefined when it waits forever. */
  readonly deadlineMs?: number | undefined;
  /** Address of the caller (`127.0.0.1:5000`), or `local` in one process. */
  readonly peer: string;
}

/** An object that serves every unary method of a service: responses as objects, or encoded already. */
export type ServiceImpl<S extends DescService> = {
  readonly [M in keyof S['method']]: S['method'][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: CallContext) => Promise<MessageInitShape<O> | EncodedMessage>
    : never;
};

/** A method whose types are no longer known: how servers hold it. */
export type AnyMethod = (request: never, context: CallContext) => Promise<unknown>;

/** A service together with what serves it. Made by {@link implement}, which checks that the two fit. */
export interface ImplementedService {
  readonly desc: DescService;
  readonly methods: Readonly<Record<string, AnyMethod>>;
}

/** Binds an implementation to its service. */
export const implement = <S extends DescService>(desc: S, impl: ServiceImpl<S>): ImplementedService => {
  const methods: Record<string, AnyMethod> = {};
  const source = impl as Readonly<Record<string, AnyMethod>>;
  for (const { localName } of desc.methods) {
    const method = source[localName];
    if (method !== undefined) methods[localName] = method.bind(impl) as AnyMethod;
  }
  return { desc, methods };
};
