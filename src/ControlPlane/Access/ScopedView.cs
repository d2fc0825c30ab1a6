using Google.Protobuf.Collections;
using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Access;

/// <summary>Answers about all groups, as an account sees them that is not for all: what is of other groups is left out.</summary>
internal static class ScopedView
{
    /// <summary>Leaves out of an answer what the account does not see.</summary>
    public static void Trim(object answer, Core.Access.OperatorAccount account)
    {
        switch (answer)
        {
            case ListHostsResponse hosts:
                foreach (var host in hosts.Hosts)
                    Keep(host.OwnedGroups, account.Sees);
                break;
            case ListGroupsResponse groups:
                Keep(groups.Groups, g => account.Sees(g.Group.Name));
                break;
            case ListProgramsResponse programs:
                Keep(programs.Programs, p => account.Sees(p.Program.Group));
                break;
            case ExportResponse export:
                Keep(export.Groups, g => account.Sees(g.Name));
                Keep(export.Programs, p => account.Sees(p.Group));
                break;
            case ListLocksResponse locks:
                Keep(locks.Locks, l => l.Target.Scope != LockScope.Group || account.Sees(l.Target.Name));
                break;
            case ListEventsResponse events:
                Keep(events.Events, e => IsSeen(e, account));
                break;
            case WatchStatesResponse states:
                Keep(states.Programs, p => account.Sees(p.Program.Group));
                Keep(states.GonePrograms, p => account.Sees(p.Group));
                Keep(states.Groups, g => account.Sees(g.Group.Name));
                Keep(states.GoneGroups, account.Sees);
                break;
            case WatchEventsResponse { Event: { } item } watched when !IsSeen(item, account):
                watched.Event = null; // Its position stays: the reader goes on behind it.
                break;
        }
    }

    // What is about no group is about hosts or the control plane.
    private static bool IsSeen(Event item, Core.Access.OperatorAccount account) => item.Group.Length == 0 || account.Sees(item.Group);

    private static void Keep<T>(RepeatedField<T> items, Func<T, bool> isSeen)
    {
        for (var i = items.Count - 1; i >= 0; i--)
        {
            if (!isSeen(items[i]))
                items.RemoveAt(i);
        }
    }

    /// <summary>Trims what goes through it.</summary>
    internal sealed class Writer<T>(IServerStreamWriter<T> to, Core.Access.OperatorAccount account) : IServerStreamWriter<T>
        where T : class
    {
        /// <inheritdoc/>
        public WriteOptions? WriteOptions
        {
            get => to.WriteOptions;
            set => to.WriteOptions = value;
        }

        /// <inheritdoc/>
        public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

        /// <inheritdoc/>
        public Task WriteAsync(T message, CancellationToken cancellationToken)
        {
            Trim(message, account);
            return to.WriteAsync(message, cancellationToken);
        }
    }
}
