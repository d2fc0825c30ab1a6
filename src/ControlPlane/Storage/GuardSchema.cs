namespace HaGrpc.ControlPlane.Storage;

/// <summary>The guard's tables: the policy, and what waits for a second approver (docs/adr/0033).</summary>
internal static class GuardSchema
{
    /// <summary>The version of the schema that has them first.</summary>
    public const long Version = 10;

    /// <summary>Makes them. An empty role is every role. Approvals have numbers from a counter, as events have, and no foreign keys: they outlive
    /// groups and accounts. groups: one space between names.</summary>
    public static string Script(Dialect dialect) => $"""
        create table guard_rule (
            act text not null,
            role text not null check (role in ('', 'Viewer', 'Operator', 'Admin')),
            groups text not null,
            demand text not null check (demand in ('Allow', 'Confirm', 'SecondApprover', 'Forbid')),
            set_by text not null,
            set_at {dialect.InstantType} not null,
            reason text not null,
            primary key (act, role, groups));

        insert into counter (name, value) values ('approval', 0);
        create table approval (
            id bigint primary key,
            act text not null,
            digest text not null,
            fingerprint text not null,
            name text not null,
            summary text not null,
            is_everything bigint not null,
            groups text not null,
            role text not null,
            requested_by text not null,
            requested_at {dialect.InstantType} not null,
            reason text not null,
            state text not null check (state in ('Waiting', 'Approved', 'Denied', 'Used')),
            decided_by text not null default '',
            decided_at {dialect.InstantType},
            decided_reason text not null default '');
        """;
}
