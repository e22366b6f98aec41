import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ics26RouterAbi } from '@interchain-attestation/contracts';
import {
  type AttestationProof,
  bytesToHex,
  encodeAttestationProof,
  encodePacketAttestation,
  encodePath,
  encodeStateAttestation,
  keccak256,
  type Packet,
  packetCommitment,
  privateKeyToAddress,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import {
  encodeIbcGoClientState,
  encodeProtobufProof,
  IBC_GO_CLIENT_STATE_TYPE_URL,
  PROTOBUF_PROOF_TYPE_URL,
} from '@interchain-attestation/light-client';
import { TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Any } from 'cosmjs-types/google/protobuf/any';
import { MsgRecvPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { encodeFunctionData } from 'viem';
import { EXIT } from '../src/output/exit-codes.ts';
import { type CliResult, makeDirectory, runCli } from './support/run-cli.ts';

const keys = [1, 2, 3, 4].map((index) => new Uint8Array(32).fill(index));
const addresses = keys.map((key) => privateKeyToAddress(key));
const [a, b, c, stranger] = addresses as [string, string, string, string];
const CLIENT = ['--attestor', a, b, c, '--quorum', '2'];

const prove = (kind: 'state' | 'packet', data: Uint8Array, signers: readonly number[]): AttestationProof => {
  const digest = signingDigest(kind, data);
  return { attestationData: data, signatures: signers.map((i) => signDigest(digest, keys[i] ?? new Uint8Array())) };
};
const state = (signers: readonly number[], height = 7n): AttestationProof =>
  prove('state', encodeStateAttestation({ height, timestampSec: 1_700_000_000n }), signers);

const packet: Packet = {
  sequence: 5n,
  sourceClient: 'attest-gaia-0',
  destClient: 'attestations-0',
  timeoutTimestampSec: 1_800_000_000n,
  payloads: [
    { sourcePort: 'transfer', destPort: 'transfer', version: 'ics20-1', encoding: 'x', value: Uint8Array.of(1) },
  ],
};
const packets = (signers: readonly number[]): AttestationProof => {
  const path = keccak256(encodePath({ kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence }));
  const entry = { path, commitment: packetCommitment(packet) };
  return prove('packet', encodePacketAttestation({ height: 7n, packets: [entry] }), signers);
};

interface Shown {
  readonly ok: boolean;
  readonly proofs: readonly {
    readonly where: string;
    readonly form: string;
    readonly attests: string;
    readonly height: string;
    readonly signatures: readonly {
      readonly signer?: string;
      readonly known?: boolean;
      readonly duplicate?: boolean;
    }[];
    readonly verdicts?: readonly {
      readonly profile: string;
      readonly accepted: boolean;
      readonly code?: string;
      readonly errorName?: string;
      readonly abci?: { readonly codespace: string; readonly code: number };
      readonly message: string;
    }[];
  }[];
}

const inspect = async (
  bytes: Uint8Array | string,
  ...args: readonly string[]
): Promise<CliResult & { shown: Shown }> => {
  const input = typeof bytes === 'string' ? bytes : bytesToHex(bytes);
  const result = await runCli(['proof', 'inspect', input, ...args, '--json']);
  return { ...result, shown: result.json<Shown>() };
};

describe('proof inspect, given only bytes and a client state', () => {
  test('an ABI proof under the rules of both Solidity clients', async () => {
    const { code, shown } = await inspect(encodeAttestationProof(state([0, 1])), ...CLIENT);
    const [proof] = shown.proofs;
    assert.equal(code, 0);
    assert.deepEqual([proof?.form, proof?.attests, proof?.height], ['abi', 'state', '7']);
    assert.deepEqual(
      proof?.signatures.map(({ signer, known }) => [signer, known]),
      [
        [a, true],
        [b, true],
      ],
    );
    assert.deepEqual(
      proof?.verdicts?.map(({ profile, accepted }) => [profile, accepted]),
      [
        ['solidity', true],
        ['deployed-solidity', true],
      ],
    );
  });

  test('a protobuf proof under the rules of ibc-go', async () => {
    const { code, shown } = await inspect(encodeProtobufProof(state([0, 1])), ...CLIENT);
    const [proof] = shown.proofs;
    assert.equal(code, 0);
    assert.equal(proof?.form, 'protobuf');
    assert.deepEqual(
      proof?.verdicts?.map(({ profile, accepted }) => [profile, accepted]),
      [['ibc-go', true]],
    );
  });

  test('too few, unknown and doubled signers are refused with the names that each chain gives', async () => {
    const all = ['--profile', 'all'];
    for (const [signers, solidity] of [
      [[0], 'ThresholdNotMet'],
      [[0, 3], 'UnknownSigner'],
      [[0, 0], 'DuplicateSigner'],
    ] as const) {
      const { code, shown } = await inspect(encodeAttestationProof(state(signers)), ...CLIENT, ...all);
      const verdicts = shown.proofs[0]?.verdicts ?? [];
      assert.notEqual(code, 0);
      const of = (profile: string) => verdicts.find((verdict) => verdict.profile === profile);
      assert.equal(of('solidity')?.errorName, solidity);
      assert.equal(of('ibc-go')?.accepted, false);
      assert.ok((of('ibc-go')?.abci?.code ?? 0) > 0 && of('ibc-go')?.abci?.codespace !== undefined);
    }
    const { shown } = await inspect(encodeAttestationProof(state([0, 3, 0])), ...CLIENT);
    assert.deepEqual(
      shown.proofs[0]?.signatures.map(({ signer, known, duplicate }) => [signer, known, duplicate ?? false]),
      [
        [a, true, false],
        [stranger, false, false],
        [a, true, true],
      ],
    );
  });

  test('a proof of another kind of chain is told to be one', async () => {
    const { code, shown } = await inspect(encodeProtobufProof(state([0, 1])), ...CLIENT, '--profile', 'solidity');
    // Put into the form that the client takes: what is asked is whether the client would believe it.
    assert.equal(code, 0);
    assert.equal(shown.proofs[0]?.verdicts?.[0]?.profile, 'solidity');
  });

  test('a whole Cosmos transaction: each message with its proof, in order', async () => {
    const clientMessage = { typeUrl: PROTOBUF_PROOF_TYPE_URL, value: encodeProtobufProof(state([0, 1])) };
    const update = MsgUpdateClient.encode({ clientId: 'attestations-0', clientMessage, signer: '' }).finish();
    const { destClient, timeoutTimestampSec, payloads, ...rest } = packet;
    const receive = MsgRecvPacket.encode({
      packet: {
        ...rest,
        destinationClient: destClient,
        timeoutTimestamp: timeoutTimestampSec,
        payloads: payloads.map(({ destPort, ...payload }) => ({ ...payload, destinationPort: destPort })),
      },
      proofCommitment: encodeProtobufProof(packets([0, 2])),
      proofHeight: { revisionNumber: 0n, revisionHeight: 7n },
      signer: '',
    }).finish();
    const messages = [
      { typeUrl: MsgUpdateClient.typeUrl, value: update },
      { typeUrl: MsgRecvPacket.typeUrl, value: receive },
    ];
    const body = TxBody.encode(TxBody.fromPartial({ messages })).finish();
    const raw = TxRaw.encode({
      bodyBytes: body,
      authInfoBytes: Uint8Array.of(18, 0),
      signatures: [new Uint8Array(64)],
    });
    for (const bytes of [body, raw.finish()]) {
      const { code, shown } = await inspect(bytes, ...CLIENT, '--latest-height', '3', '--timestamp', '3=1');
      assert.equal(code, 0, JSON.stringify(shown));
      assert.deepEqual(
        shown.proofs.map(({ where, attests }) => [where, attests]),
        [
          ['message[0] MsgUpdateClient', 'state'],
          ['message[1] MsgRecvPacket', 'packets'],
        ],
      );
    }
    // Without the update before it the client does not know the height.
    const alone = Any.encode({ typeUrl: MsgRecvPacket.typeUrl, value: receive }).finish();
    const { code, shown } = await inspect(alone, ...CLIENT, '--latest-height', '3', '--timestamp', '3=1');
    assert.notEqual(code, 0);
    assert.equal(shown.proofs[0]?.verdicts?.[0]?.accepted, false);
  });

  test('client states from JSON of either spelling and from the bytes that a chain holds; a frozen one takes nothing', async (context) => {
    const directory = await makeDirectory(context);
    const proof = bytesToHex(encodeProtobufProof(state([0, 1])));
    const clientState = { attestors: addresses.slice(0, 3), minRequiredSigs: 2, latestHeight: 3n };
    const encoded = (isFrozen: boolean): Uint8Array => encodeIbcGoClientState({ ...clientState, isFrozen });
    const files: readonly (readonly [string, string | Uint8Array, boolean])[] = [
      ['ours.json', JSON.stringify({ attestors: [a, b, c], quorum: 2, latestHeight: 3 }), true],
      [
        'ibc-go.json',
        JSON.stringify({
          '@type': IBC_GO_CLIENT_STATE_TYPE_URL,
          ...{ attestor_addresses: [a, b, c], min_required_sigs: 2, latest_height: '3', is_frozen: true },
        }),
        false,
      ],
      ['state.bin', encoded(false), true],
      ['any.bin', Any.encode({ typeUrl: IBC_GO_CLIENT_STATE_TYPE_URL, value: encoded(true) }).finish(), false],
    ];
    for (const [name, content, accepted] of files) {
      const file = join(directory, name);
      await writeFile(file, content);
      const result = await runCli(['proof', 'inspect', proof, '--client-state', file, '--json']);
      assert.equal(result.json<Shown>().proofs[0]?.verdicts?.[0]?.accepted, accepted, `${name}: ${result.stdout}`);
      assert.equal(result.code === 0, accepted);
    }
  });

  test('bytes that are no proof, and descriptions that are none, are named', async () => {
    const unreadable = await inspect('0x0badc0de', ...CLIENT);
    assert.notEqual(unreadable.code, 0);
    assert.equal(unreadable.shown.proofs[0]?.attests, 'unreadable');
    const proof = bytesToHex(encodeAttestationProof(state([0, 1])));
    for (const [args, text] of [
      [['--attestor', a], /--attestor and --quorum belong together/],
      [['--attestor', a, '--quorum', 'two'], /quorum/],
      [[...CLIENT, '--profile', 'rust'], /--profile: expected/],
      [[...CLIENT, '--timestamp', '7'], /HEIGHT=SECONDS/],
      [['--frozen'], /a described client needs/],
      [['--client-state', 'no-such-file'], /no-such-file/],
      [['--attestor', a, '--quorum', '0'], /no solidity client is in this state/],
      [
        [...CLIENT, '--timestamp', '7=18446744073709551615', '--profile', 'ibc-go'],
        /no ibc-go client is in this state/,
      ],
    ] as const) {
      const result = await runCli(['proof', 'inspect', proof, ...args, '--json']);
      assert.equal(result.code, text.test('no-such-file') ? EXIT.failure : EXIT.usage, result.stdout);
      assert.match(result.stdout + result.stderr, text);
    }
  });

  /** A receive of the packet, as a Cosmos message. */
  const receiveMessage = (revisionNumber: bigint, sourceClient = packet.sourceClient): Uint8Array => {
    const { destClient, timeoutTimestampSec, payloads, sequence } = packet;
    const value = MsgRecvPacket.encode({
      packet: {
        sequence,
        sourceClient,
        destinationClient: destClient,
        timeoutTimestamp: timeoutTimestampSec,
        payloads: payloads.map(({ destPort, ...payload }) => ({ ...payload, destinationPort: destPort })),
      },
      proofCommitment: encodeProtobufProof(packets([0, 2])),
      proofHeight: { revisionNumber, revisionHeight: 7n },
      signer: '',
    }).finish();
    return Any.encode({ typeUrl: MsgRecvPacket.typeUrl, value }).finish();
  };

  test('a height of another revision is another consensus state, as for ibc-go', async () => {
    const client = [...CLIENT, '--latest-height', '7', '--timestamp', '7=1'];
    assert.equal((await inspect(receiveMessage(0n), ...client)).shown.proofs[0]?.verdicts?.[0]?.accepted, true);
    const { code, shown } = await inspect(receiveMessage(1n), ...client);
    assert.equal(shown.proofs[0]?.verdicts?.[0]?.accepted, false);
    assert.equal(code, EXIT.verdict);
  });

  test('calldata with a height that no chain decodes is refused, with or without a described latest height', async () => {
    const call = encodeFunctionData({
      abi: ics26RouterAbi,
      functionName: 'recvPacket',
      args: [
        {
          packet: {
            ...packet,
            timeoutTimestamp: packet.timeoutTimestampSec,
            payloads: packet.payloads.map((payload) => ({ ...payload, value: bytesToHex(payload.value) })),
          },
          proofCommitment: bytesToHex(encodeAttestationProof(packets([0, 2]))),
          proofHeight: { revisionNumber: 0n, revisionHeight: 7n },
        },
      ],
    });
    const word = (height: string): string => height.padStart(64, '0');
    const tooHigh = call.replace(`${word('0')}${word('7')}`, `${word('0')}${word(`1${'0'.repeat(16)}`)}`);
    assert.notEqual(tooHigh, call);
    for (const latest of [[], ['--latest-height', '9']]) {
      const { code, shown } = await inspect(tooHigh, ...CLIENT, ...latest);
      assert.deepEqual(
        shown.proofs[0]?.verdicts?.map(({ accepted, code: reason }) => [accepted, reason]),
        [
          [false, 'undecodable'],
          [false, 'undecodable'],
        ],
      );
      assert.equal(code, EXIT.verdict);
    }
  });

  test('text of a packet cannot write lines of its own on a terminal', async () => {
    const hostile = 'x\u001b[2K\r\u001b[32mACCEPTED by every client\u202e\n';
    const { stdout } = await runCli(['proof', 'inspect', bytesToHex(receiveMessage(0n, hostile)), ...CLIENT]);
    assert.ok(stdout.includes('x\\x1b[2K\\x0d'), stdout);
    for (const control of ['\r', '\u202e', '\u001b']) assert.ok(!stdout.includes(control));
    assert.ok(stdout.split('\n').every((line) => !line.startsWith('ACCEPTED')));
    const argv = ['proof', 'inspect', bytesToHex(receiveMessage(0n, hostile)), ...CLIENT];
    const coloured = await runCli(argv, { env: { FORCE_COLOR: '1' } });
    assert.ok(coloured.stdout.includes('\u001b[1m'), 'our own colours are there');
    assert.ok(!coloured.stdout.includes('\u001b[32mACCEPTED'), coloured.stdout);
  });

  test('a message whose packet names no client is told to be that, and not taken for a failure of this program', async () => {
    const message = MsgRecvPacket.encode(
      MsgRecvPacket.fromPartial({ packet: { sequence: 5n, destinationClient: 'attestations-0', payloads: [] } }),
    ).finish();
    const bytes = Any.encode({ typeUrl: MsgRecvPacket.typeUrl, value: message }).finish();
    const result = await runCli(['proof', 'inspect', bytesToHex(bytes), ...CLIENT, '--json']);
    assert.equal(result.code, EXIT.usage);
    assert.match(result.stdout, /client id of a path is empty/);
  });

  test('whatever bytes it is given, it answers or says that they are no proof', async () => {
    const seeds = [
      encodeAttestationProof(state([0, 1])),
      encodeAttestationProof(packets([0, 1])),
      encodeProtobufProof(state([0, 1])),
      encodeProtobufProof(packets([0, 1])),
    ];
    let random = 2_463_534_242;
    const below = (bound: number): number => {
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      return (random >>> 0) % bound;
    };
    const allowed: readonly number[] = [EXIT.ok, EXIT.usage, EXIT.verdict];
    for (let index = 0; index < 400; index += 1) {
      const bytes = Buffer.from(seeds[below(seeds.length)] ?? []);
      for (let count = below(3); count >= 0; count -= 1) bytes[below(bytes.length)] = below(256);
      const cut = below(4) === 0 ? bytes.subarray(0, 1 + below(bytes.length)) : bytes;
      const result = await runCli(['proof', 'inspect', bytesToHex(cut), ...CLIENT, '--profile', 'all', '--json']);
      assert.ok(allowed.includes(result.code), `${bytesToHex(cut)}: ${result.stdout}`);
    }
  });
});
