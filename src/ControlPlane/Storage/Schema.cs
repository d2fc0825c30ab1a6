namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// The schema, version by version. A published version is never edited: add the next one. JSON and instants are the only
/// types that the databases name differently.
/// </summary>
internal static class Schema
{
    /// <summary>The newest version that this binary knows.</summary>
    public const long Latest = GuardSchema.Version;

    /// <summary>The script that leads from the version before to this one.</summary>
    public static string Script(long version, Dialect dialect) => version switch
    {
        1 => Version1(dialect.InstantType, dialect.JsonType),
        2 => Version2,
        3 => Version3(dialect.InstantType),
        4 => Version4(dialect.InstantType),
        5 => Version5(dialect.InstantType, dialect.JsonType),
        6 => Version6(dialect),
        7 => Version7(dialect.InstantType),
        8 => Version8(dialect.InstantType),
        9 => Version9(dialect.InstantType),
        GuardSchema.Version => GuardSchema.Script(dialect),
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "no such schema version"),
    };

    // What operators want gone (rule C11, docs/adr/0027). A group and the hosts that only it names stay until it has ended; its row in ownership
    //   stays for good, and ended_at says that the epoch is over. deleted_host: an agent that comes back is told to end what it runs.
    //   epoch_floor: what a restored backup may lack of groups that were deleted ended below this (rule S4).
    private static string Version9(string instant) => $"""
        alter table host_group add column retiring_by text not null default '';
        alter table host_group add column retiring_at {instant};
        alter table host_group add column retiring_reason text not null default '';
        alter table host add column retiring_by text not null default '';
        alter table host add column retiring_at {instant};
        alter table host add column retiring_reason text not null default '';
        alter table ownership add column ended_at {instant};
        insert into counter (name, value) values ('epoch_floor', 0);
        create table deleted_host (
            name text primary key,
            deleted_by text not null,
            deleted_at {instant} not null);
        """;

    // Which hosts may join, and with what they have. No foreign keys: hosts may join before they are registered. Of a token only a hash of its
    //   secret is kept. A certificate is known by its SHA-256: serials of different authorities may be the same.
    private static string Version8(string instant) => $"""
        create table join_token (
            id text primary key,
            host text not null,
            secret_hash text not null,
            created_by text not null,
            created_at {instant} not null,
            expires_at {instant} not null,
            used_at {instant},
            used_from text not null default '',
            revoked_at {instant},
            revoked_by text not null default '');

        create table host_certificate (
            fingerprint text primary key,
            serial text not null,
            host text not null,
            origin text not null check (origin in ('join', 'renewal', 'foreign')),
            not_before {instant} not null,
            not_after {instant} not null,
            revoked_at {instant},
            revoked_by text not null default '',
            revoked_reason text not null default '');
        create index host_certificate_by_host on host_certificate (host);

        create table host_revocation (
            host text primary key,
            revoked_by text not null,
            revoked_at {instant} not null,
            reason text not null);
        """;

    // Who may do what. groups: names with * and ?, one space between them; none for all. Of a token only a hash of its secret is kept.
    private static string Version7(string instant) => $"""
        create table operator_account (
            name text primary key,
            kind text not null check (kind in ('Certificate', 'Token')),
            role text not null check (role in ('Viewer', 'Operator', 'Admin')),
            groups text not null,
            token_id text unique,
            token_hash text,
            created_by text not null,
            created_at {instant} not null,
            expires_at {instant},
            state text not null check (state in ('enabled', 'disabled')));
        """;

    // Who has asked for what. Numbers come from a counter as events' do, so that they have no gap; JSON is text here, byte for byte
    //   as it was hashed. objects: one a line, with a line break before the first and behind the last.
    private static string Version6(Dialect dialect) => $"""
        insert into counter (name, value) values ('audit', 0);
        create table audit (
            id bigint primary key,
            at {dialect.InstantType} not null,
            kind text not null check (kind in ('asked', 'ended', 'refused')),
            call_id bigint not null,
            term bigint not null,
            actor text not null,
            actor_kind text not null,
            address text not null,
            call text not null,
            objects text not null,
            request text not null,
            changes text not null,
            answer text not null,
            result text not null,
            detail text not null,
            reason text not null,
            previous_hash text not null,
            hash text not null);
        create index audit_by_call_id on audit (call_id);
        create index audit_by_at on audit (at);
        {dialect.AppendOnlyScript("audit")}
        """;

    // What was registered, change by change (docs/adr/0028). No foreign keys to what is registered: revisions outlive it.
    private static string Version5(string instant, string json) => $"""
        create table revision (
            number bigint primary key,
            at {instant} not null,
            actor text not null,
            cause text not null);

        create table revision_change (
            revision bigint not null references revision (number),
            object_name text not null,
            spec_before {json},
            spec_after {json},
            primary key (revision, object_name));
        """;

    // What operators have locked: as with drains, no manifest takes it back. A lock of everything has no name. No foreign keys: a lock ends
    //   with the one who set it, not with what is registered meanwhile.
    private static string Version4(string instant) => $"""
        create table operator_lock (
            scope text not null check (scope in ('Everything', 'Host', 'Group')),
            name text not null,
            locked_by text not null,
            locked_at {instant} not null,
            reason text not null,
            expires_at {instant},
            primary key (scope, name));
        """;

    // Hosts that operators want empty: no part of what manifests say, so no manifest takes it back.
    private static string Version3(string instant) => $"""
        alter table host add column drained_by text not null default '';
        alter table host add column drained_at {instant};
        alter table host add column drained_reason text not null default '';
        """;

    // Where the leader is, for those who ask another control plane (rule S3), and which database it took the row in: another
    //   one at the next look is a promoted standby or a restored backup (rule S4).
    private const string Version2 =
        """
        alter table leadership add column address text not null default '';
        alter table leadership add column system_identifier text;
        alter table leadership add column timeline bigint;
        """;

    // counter: rows that are raised inside the transaction that uses the number. An event's id comes from here and not
    //   from a sequence, because the row's lock makes ids visible in their order: a reader that asks for "after id n"
    //   misses nothing.
    // leadership.term is unique so that PostgreSQL takes a change of term for a change of key: ownership writes hold
    //   "for key share", which keeps a challenger out until they are over and never delays a renewal of the counter.
    // ownership.attempt: a promotion names it, and settling an unknown outcome raises it, so that an attempt that is still
    //   on its way can never land after it was read back as lost (rule C6).
    // ownership has no foreign key to host_group: epochs and view versions outlive a group, because none may come again
    //   when a group of the same name is made later.
    private static string Version1(string instant, string json) => $"""
        create table counter (
            name text primary key,
            value bigint not null);
        insert into counter (name, value) values ('configuration', 0), ('event', 0);

        create table leadership (
            id bigint primary key check (id = 1),
            term bigint not null unique,
            holder text not null,
            counter bigint not null,
            taken_at {instant});
        insert into leadership (id, term, holder, counter, taken_at) values (1, 0, '', 0, null);

        create table host (
            name text primary key,
            revision bigint not null,
            spec {json} not null,
            created_at {instant} not null,
            updated_at {instant} not null);

        create table host_group (
            name text primary key,
            revision bigint not null,
            spec {json} not null,
            created_at {instant} not null,
            updated_at {instant} not null);

        create table program (
            group_name text not null references host_group (name),
            name text not null,
            revision bigint not null,
            spec {json} not null,
            desired_state text not null check (desired_state in ('Running', 'Stopped')),
            desired_by text not null,
            desired_at {instant} not null,
            desired_reason text not null,
            restart_generation bigint not null,
            created_at {instant} not null,
            updated_at {instant} not null,
            primary key (group_name, name));

        create table ownership (
            group_name text primary key,
            owner text,
            epoch bigint not null check (epoch >= 0),
            attempt bigint not null default 0,
            term bigint not null,
            changed_at {instant} not null,
            reason text not null,
            moved_by text not null);

        create table lease_view (
            group_name text not null references ownership (group_name),
            version bigint not null check (version > 0),
            epoch bigint not null,
            members {json} not null,
            length_ns bigint,
            term bigint not null,
            written_at {instant} not null,
            confirmed_at {instant},
            primary key (group_name, version));

        create table seal (
            group_name text not null references ownership (group_name),
            member text not null,
            up_to_epoch bigint not null,
            promise_left_ns bigint not null,
            term bigint not null,
            sealed_at {instant} not null,
            primary key (group_name, member));

        create table event (
            id bigint primary key,
            at {instant} not null,
            kind text not null,
            group_name text not null,
            host text not null,
            program text not null,
            epoch bigint not null,
            message text not null,
            actor text not null,
            steps {json} not null,
            source_id text unique);
        create index event_by_group on event (group_name, id);
        create index event_by_host on event (host, id);
        """;
}
