package main

import (
	"bytes"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/cosmos/ibc-go/v11/modules/core/04-channel/v2/types"
	mockv1 "github.com/cosmos/ibc-go/v11/testing/mock"
	mockv2 "github.com/cosmos/ibc-go/v11/testing/mock/v2"
	"github.com/cosmos/ibc-go/v11/testing/simapp"
)

// acknowledgeNow is the data of a packet whose receipt acknowledges what its client still waits for.
var acknowledgeNow = []byte("acknowledge what waits")

// acknowledgeLater lets the application at port mockv2A write acknowledgements in a later transaction: packets with
// the mock's asynchronous data wait until one with acknowledgeNow is received over the same client. What waits is read
// from the state, so that every run of a transaction comes to the same end.
func acknowledgeLater(app *simapp.SimApp) {
	keeper := app.IBCKeeper.ChannelKeeperV2
	receive := func(ctx sdk.Context, _, destClient string, _ uint64, payload types.Payload, _ sdk.AccAddress) types.RecvPacketResult {
		switch {
		case bytes.Equal(payload.Value, mockv1.MockPacketData):
			return mockv2.MockRecvPacketResult
		case bytes.Equal(payload.Value, mockv1.MockAsyncPacketData):
			return types.RecvPacketResult{Status: types.PacketStatus_Async}
		case bytes.Equal(payload.Value, acknowledgeNow):
			ack := types.NewAcknowledgement(mockv2.MockRecvPacketResult.Acknowledgement)
			for _, waiting := range keeper.GetAllAsyncPacketsForClient(ctx, destClient) {
				if err := keeper.WriteAcknowledgement(ctx, destClient, waiting.Sequence, ack); err != nil {
					return types.RecvPacketResult{Status: types.PacketStatus_Failure}
				}
			}
			return mockv2.MockRecvPacketResult
		default:
			return types.RecvPacketResult{Status: types.PacketStatus_Failure}
		}
	}
	app.MockModuleV2A.IBCApp.OnRecvPacket = receive
}
