import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VERIFIED_ONCE_INTERFACE_ID } from '@interchain-attestation/chains/evm';
import {
  accessManagerAbi,
  attestationLightClientAbi,
  escrowAbi,
  ibcErc20Abi,
  ics20TransferAbi,
  ics26RouterAbi,
  verifiedOnceInterfaceId,
} from '@interchain-attestation/contracts';
import { type Abi, toEventSelector, toFunctionSelector } from 'viem';
import { errorAbi } from '../../src/evm/contracts/error-abi.ts';
import { PACKET_TOPICS } from '../../src/evm/events/decode-log.ts';

const errorsOf = (abi: Abi): readonly (readonly [string, string])[] =>
  abi.flatMap((item) =>
    item.type === 'error' ? [[toFunctionSelector({ ...item, type: 'function' } as never), item.name] as const] : [],
  );

/** `chains` may not import `contracts`: what it knows of them is held against them here. */
describe('agreement with the contracts', () => {
  test('every error of the contracts has a name', () => {
    const known = new Map(errorsOf(errorAbi));
    const contracts = {
      accessManagerAbi,
      attestationLightClientAbi,
      escrowAbi,
      ibcErc20Abi,
      ics20TransferAbi,
      ics26RouterAbi,
    };
    for (const [contract, abi] of Object.entries(contracts)) {
      for (const [selector, name] of errorsOf(abi as Abi)) {
        assert.equal(known.get(selector), name, `${contract}: ${name} ${selector}`);
      }
    }
  });

  test('the events are those of the router', () => {
    const topics = new Map(
      (ics26RouterAbi as Abi).flatMap((item) => (item.type === 'event' ? [[item.name, toEventSelector(item)]] : [])),
    );
    const names = ['SendPacket', 'WriteAcknowledgement', 'AckPacket', 'TimeoutPacket'];
    assert.deepEqual(
      names.map((name) => topics.get(name)),
      PACKET_TOPICS,
    );
  });

  test('the interface of clients that verify once is the same', () => {
    assert.equal(VERIFIED_ONCE_INTERFACE_ID, verifiedOnceInterfaceId);
  });
});
