package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	transfertypes "github.com/cosmos/ibc-go/v11/modules/apps/transfer/types"
	channeltypesv2 "github.com/cosmos/ibc-go/v11/modules/core/04-channel/v2/types"
	hostv2 "github.com/cosmos/ibc-go/v11/modules/core/24-host/v2"
	"github.com/cosmos/ibc-go/v11/modules/light-clients/attestations"
)

type wireRequest struct {
	Data     string   `json:"data"`
	Kind     string   `json:"kind"`
	ClientID string   `json:"clientId"`
	Sequence string   `json:"sequence"`
	Packet   string   `json:"packet"`
	Acks     []string `json:"acks"`
	Encoding string   `json:"encoding"`
	Denom    string   `json:"denom"`
	Amount   string   `json:"amount"`
	Sender   string   `json:"sender"`
	Receiver string   `json:"receiver"`
	Memo     string   `json:"memo"`
}

// runWire answers with ibc-go's own encodings and commitments.
func runWire(op string, line []byte) (map[string]any, error) {
	var req wireRequest
	if err := json.Unmarshal(line, &req); err != nil {
		return nil, err
	}
	data, err := hex.DecodeString(req.Data)
	if err != nil {
		return nil, err
	}
	switch op {
	case "digest":
		kind := attestations.AttestationTypeState
		if req.Kind == "packet" {
			kind = attestations.AttestationTypePacket
		}
		digest := attestations.TaggedSigningInput(data, kind)
		return map[string]any{"hex": hex.EncodeToString(digest[:])}, nil
	case "path":
		return path(req)
	case "packetCommitment":
		packetBytes, err := hex.DecodeString(req.Packet)
		if err != nil {
			return nil, err
		}
		var packet channeltypesv2.Packet
		if err := packet.Unmarshal(packetBytes); err != nil {
			return nil, err
		}
		return map[string]any{"hex": hex.EncodeToString(channeltypesv2.CommitPacket(packet))}, nil
	case "ackCommitment":
		acks := make([][]byte, len(req.Acks))
		for i, text := range req.Acks {
			if acks[i], err = hex.DecodeString(text); err != nil {
				return nil, err
			}
		}
		commitment := channeltypesv2.CommitAcknowledgement(channeltypesv2.Acknowledgement{AppAcknowledgements: acks})
		return map[string]any{"hex": hex.EncodeToString(commitment)}, nil
	case "encodeIcs20":
		value := transfertypes.NewFungibleTokenPacketData(req.Denom, req.Amount, req.Sender, req.Receiver, req.Memo)
		return verdict(func() (map[string]any, error) {
			encoded, err := transfertypes.MarshalPacketData(value, transfertypes.V1, req.Encoding)
			return map[string]any{"hex": hex.EncodeToString(encoded)}, err
		}), nil
	case "decodeIcs20":
		return verdict(func() (map[string]any, error) {
			value, err := transfertypes.UnmarshalPacketData(data, transfertypes.V1, req.Encoding)
			if err != nil {
				return nil, err
			}
			return map[string]any{
				"denom": value.Token.Denom.Path(), "amount": value.Token.Amount, "sender": value.Sender,
				"receiver": value.Receiver, "memo": value.Memo,
			}, nil
		}), nil
	}
	return nil, fmt.Errorf("unknown op %q", op)
}

func path(req wireRequest) (map[string]any, error) {
	sequence, err := strconv.ParseUint(req.Sequence, 10, 64)
	if err != nil {
		return nil, err
	}
	var key []byte
	switch req.Kind {
	case "packet":
		key = hostv2.PacketCommitmentKey(req.ClientID, sequence)
	case "receipt":
		key = hostv2.PacketReceiptKey(req.ClientID, sequence)
	case "acknowledgement":
		key = hostv2.PacketAcknowledgementKey(req.ClientID, sequence)
	default:
		return nil, fmt.Errorf("unknown kind %q", req.Kind)
	}
	return map[string]any{"hex": hex.EncodeToString(key)}, nil
}
