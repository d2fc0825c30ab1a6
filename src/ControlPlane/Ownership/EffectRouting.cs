using HaGrpc.ControlPlane.Admin;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Fencing;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>Who carries out which effect. On the loop's thread, in order, and nothing here waits.</summary>
internal sealed class EffectRouting(
    AttachedAgents agents, GroupWrites writes, EventWriter history, Switchovers switchovers)
{
    /// <summary>The loop that the outcomes go back to; set before it starts.</summary>
    public OwnershipLoop? Loop { get; set; }

    /// <summary>Counts moves; set before the first.</summary>
    public FlapGuard? Flaps { get; set; }

    /// <summary>Deletes groups that have ended; set before the first.</summary>
    public Retirements? Retirements { get; set; }

    /// <summary>Has hosts switched off; set before the first.</summary>
    public FenceDesk? Fences { get; set; }

    /// <summary>Carries out one effect.</summary>
    /// <exception cref="ArgumentException">The effect is of an unknown kind.</exception>
    public void Apply(FailoverEffect effect)
    {
        switch (effect)
        {
            case SendAnswer send:
                agents.Tell(send.Host, send.StreamId, AgentMessages.ToProto(send.Answer));
                break;
            case SendPromote send:
                agents.Tell(send.Host, send.StreamId, AgentMessages.ToProto(send));
                agents.Changed.Pulse();
                break;
            case SendSealAsked send:
                agents.Tell(send.Host, send.StreamId, AgentMessages.ToProto(send));
                break;
            case CommitPromotion commit:
                writes.Enqueue(commit.Group, async () =>
                {
                    await Loop!.HandleAsync(new PromotionSettled(await writes.PromoteAsync(commit)));
                    Flaps!.Look(commit.Group);
                });
                break;
            case CommitRetirement retirement:
                writes.Enqueue(retirement.Group, () => Retirements!.ForgetAsync(retirement));
                break;
            case StoreView store:
                writes.Enqueue(store.Group, async () =>
                {
                    await writes.StoreViewAsync(store);
                    await Loop!.HandleAsync(new ViewStored(store.Group, store.View));
                });
                break;
            case ConfirmView confirm:
                writes.Enqueue(confirm.Group, async () =>
                {
                    await writes.ConfirmViewAsync(confirm);
                    await Loop!.HandleAsync(new ViewConfirmed(confirm.Group, confirm.Version));
                });
                break;
            case RecordHistory record:
                history.Write(new EventRecord
                {
                    Kind = record.Kind,
                    Group = record.Group,
                    Host = record.Host,
                    Epoch = record.Epoch,
                    Message = record.Message,
                    Actor = record.Actor,
                });
                break;
            case FenceWanted wanted:
                _ = Fences!.RunAsync(wanted.Host, wanted.Reason, "");
                break;
            case SwitchoverEnded ended:
                switchovers.End(ended);
                break;
            default:
                throw new ArgumentException($"unknown effect {effect}", nameof(effect));
        }
    }
}
