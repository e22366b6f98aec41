import { attestationLightClientArtifact } from '@interchain-attestation/contracts';
import { bytesToHex, type Hex } from '@interchain-attestation/core';
import type { ChainError, LightClient, Transaction, Verdict } from '@interchain-attestation/light-client';
import { type Abi, decodeErrorResult, encodeErrorResult, encodeFunctionData, encodeFunctionResult } from 'viem';
import type { Call } from '../generate/calls.ts';
import { MAX } from '../generate/subject.ts';
import type { TwinClient } from './clients.ts';
import { PROBER, type ProbedCall, type ProbedResult } from './prober.ts';

const { abi } = attestationLightClientArtifact;
const RESULTS = { Update: 0, Misbehaviour: 1, NoOp: 2 } as const;

const toCalldata = (call: Call): Hex => {
  if (call.kind === 'updateClient' || call.kind === 'misbehaviour') {
    return encodeFunctionData({ abi, functionName: call.kind, args: [bytesToHex(call.message)] });
  }
  const message = {
    proof: bytesToHex(call.proof),
    proofHeight: { revisionNumber: call.revisionNumber, revisionHeight: call.height },
    path: call.path.map(bytesToHex),
  };
  return call.kind === 'verifyMembership'
    ? encodeFunctionData({ abi, functionName: call.kind, args: [{ ...message, value: bytesToHex(call.value) }] })
    : encodeFunctionData({ abi, functionName: call.kind, args: [message] });
};

/** The calls of a case and, after them, the reads that show the state they left. */
export const toProbe = (twin: TwinClient, calls: readonly Call[]): ProbedCall[] => [
  ...calls.map((call) => ({ target: twin.address, data: toCalldata(call) })),
  { target: twin.address, data: encodeFunctionData({ abi, functionName: 'getClientState' }) },
  ...heightsRead(twin).map((height) => ({
    target: twin.address,
    data: encodeFunctionData({ abi, functionName: 'getConsensusTimestamp', args: [height] }),
  })),
];

const heightsRead = (twin: TwinClient): bigint[] => [
  ...new Set([...twin.known, ...twin.unknown, 103n, 104n, MAX - 1n]),
];

/** What the contract reverts with. */
export const revertData = ({ errorName, args }: ChainError): Hex =>
  errorName === null ? '0x' : encodeErrorResult({ abi: abi as Abi, errorName, args: [...args] });

const expectedResult = <T extends object>(verdict: Verdict<T>, output: (value: T) => Hex): ProbedResult =>
  verdict.ok ? { success: true, data: output(verdict) } : { success: false, data: revertData(verdict) };

const runCall = (transaction: Transaction, call: Call): ProbedResult => {
  const caller = PROBER;
  switch (call.kind) {
    case 'updateClient':
      return expectedResult(transaction.updateClient(call.message, { caller }), ({ result }) =>
        encodeFunctionResult({ abi, functionName: 'updateClient', result: RESULTS[result] }),
      );
    case 'misbehaviour':
      return expectedResult(transaction.misbehaviour(call.message, { caller }), () => '0x');
    case 'verifyMembership':
      return expectedResult(transaction.verifyMembership({ ...call, caller }), ({ timestamp }) =>
        encodeFunctionResult({ abi, functionName: 'verifyMembership', result: timestamp }),
      );
    case 'verifyNonMembership':
      return expectedResult(transaction.verifyNonMembership({ ...call, caller }), ({ timestamp }) =>
        encodeFunctionResult({ abi, functionName: 'verifyNonMembership', result: timestamp }),
      );
  }
};

/** What the model expects of every probed call, state reads included. */
export const expectProbe = (
  twin: TwinClient,
  calls: readonly Call[],
  model: LightClient = twin.model,
): ProbedResult[] => {
  const transaction = model.beginTransaction();
  const results = calls.map((call) => runCall(transaction, call));
  const { codec } = model.policy;
  const state = bytesToHex(codec.encodeClientState(transaction.clientState()));
  return [
    ...results,
    { success: true, data: encodeFunctionResult({ abi, functionName: 'getClientState', result: state }) },
    ...heightsRead(twin).map((height) => ({
      success: true,
      data: encodeFunctionResult({
        abi,
        functionName: 'getConsensusTimestamp',
        result: transaction.timestampAtHeight(height) ?? 0n,
      }),
    })),
  ];
};

/** A result for people: the name of what happened. */
export const describeResult = (result: ProbedResult | undefined): string => {
  if (result === undefined) return 'nothing';
  if (result.success) return `success ${result.data}`;
  if (result.data === '0x') return 'revert without data';
  try {
    const { errorName, args } = decodeErrorResult({ abi, data: result.data });
    return `${errorName}(${(args ?? []).join(', ')})`;
  } catch {
    return `revert ${result.data}`;
  }
};
