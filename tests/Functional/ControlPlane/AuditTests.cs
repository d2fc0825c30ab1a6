using System.Text.Json;
using Google.Protobuf.Reflection;
using Grpc.Core;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Who asked for what: written before it is done, with what became of it, and verified by whoever reads it.</summary>
public sealed class AuditTests
{
    private static readonly string[] AgentsServices = ["hagrpc.v1.AgentService", "hagrpc.v1.PeerService", "hagrpc.v1.EnrollmentService"];

    // Descriptors of messages know the files that they came from, and each file its services.
    private static IEnumerable<ServiceDescriptor> Services => typeof(AdminService).Assembly.GetTypes()
        .Where(t => t is { IsAbstract: true, IsSealed: true, Name: var name } && name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(t => (FileDescriptor)t.GetProperty("Descriptor")!.GetValue(null)!)
        .Where(file => file.Package == "hagrpc.v1").SelectMany(file => file.Services);

    [Fact]
    public void Every_call_of_operators_stands_in_the_table()
    {
        var calls = Services.Where(s => !AgentsServices.Contains(s.FullName)).SelectMany(s => s.Methods.Select(m => $"{s.Name}/{m.Name}")).ToArray();
        calls.Length.ShouldBeGreaterThan(20);
        calls.Except(OperatorCalls.Names).ShouldBeEmpty("say in OperatorCalls whether it changes something and what it is about");
        OperatorCalls.Names.Except(calls).ShouldBeEmpty();
    }

    [Fact]
    public void What_reads_is_known_by_its_name()
    {
        string[] reading = ["List", "Watch", "Tail", "Get", "Read", "Export", "Rehearse", "Preview", "Observe", "Preflight", "Explain"];
        foreach (var method in Services.Where(s => !AgentsServices.Contains(s.FullName)).SelectMany(s => s.Methods))
        {
            var isReading = reading.Any(verb => method.Name.StartsWith(verb, StringComparison.Ordinal));
            OperatorCalls.Find($"/{method.Service.FullName}/{method.Name}").ShouldNotBeNull().Changes.ShouldBe(!isReading, method.FullName);
        }
    }

    [Fact]
    public void A_call_that_nobody_has_thought_of_is_a_change_of_everything()
    {
        var call = OperatorCalls.Find("/hagrpc.v1.NewService/DoIt").ShouldNotBeNull();
        call.Changes.ShouldBeTrue();
        call.About(new ListHostsRequest()).ShouldBe([CallObject.Everything]);
        OperatorCalls.Find("/grpc.health.v1.Health/Check").ShouldBeNull();
        OperatorCalls.Find("/hagrpc.v1.AgentService/Attach").ShouldBeNull();
    }

    [Fact]
    public void Fields_that_sound_like_secrets_are_left_out()
    {
        string[] words = ["password", "secret", "token", "environment", "private_key"];
        var fields = Services.SelectMany(s => s.File.MessageTypes).Distinct().SelectMany(m => m.Fields.InDeclarationOrder())
            .Concat(HaGrpc.V1.Program.Descriptor.Fields.InDeclarationOrder())
            .Where(f => f.FieldType is FieldType.String or FieldType.Bytes || f.IsMap)
            .Where(f => words.Any(w => f.Name.Contains(w, StringComparison.Ordinal)));
        fields.ShouldContain(f => f.Name == "environment");
        fields.Where(f => !CanonicalJson.IsSecret(f)).Select(f => f.FullName).ShouldBeEmpty("mark them debug_redact in the proto");
    }

    [Fact]
    public async Task A_change_is_asked_for_and_ends_and_says_what_was_before_and_after()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Programs[0].Environment["PASSWORD"] = "hunter2";
        await plane.ApplyAsync(web);
        web.Programs[0].Environment["PASSWORD"] = "hunter3";
        web.Programs[0].Command = "/bin/false";
        web.Reason = "release 2";
        await plane.ApplyAsync(web);

        (await plane.Registry.ListRevisionsAsync(new() { Limit = 1 })).Revisions.Single().Cause.ShouldBe("apply: release 2");
        var entries = await EntriesAsync(plane);
        entries.Select(e => (e.Id, e.Kind, e.CallId, e.Call, e.Result)).ShouldBe([
            (1, "asked", 0, "AdminService/Apply", ""), (2, "ended", 1, "AdminService/Apply", "OK"),
            (3, "asked", 0, "AdminService/Apply", ""), (4, "ended", 3, "AdminService/Apply", "OK")]);
        entries.ShouldAllBe(e => e.Actor == "127.0.0.1" && e.ActorKind == "address" && e.Address.StartsWith("127.0.0.1:"));
        entries[2].Reason.ShouldBe("release 2");
        entries[0].Objects.ShouldBe(["host/a", "host/b", "group/web", "program/web:http", "program/web:db"]);
        entries.ShouldAllBe(e => !e.ToString().Contains("hunter"), "secrets are left out");
        entries[2].Request.ShouldContain("\"environment\":{\"PASSWORD\":\"(left out)\"}");
        var change = JsonDocument.Parse(entries[3].Changes).RootElement.EnumerateArray().ShouldHaveSingleItem();
        change.GetProperty("object").GetString().ShouldBe("program/web:http");
        var fields = change.GetProperty("fields");
        fields.EnumerateObject().Select(f => f.Name).ShouldBe(["command", "environment"]);
        fields.GetProperty("command").GetRawText().ShouldBe("{\"before\":\"/bin/true\",\"after\":\"/bin/false\"}");
    }

    [Fact]
    public async Task Stops_locks_drains_and_what_was_refused_are_written_with_their_reasons()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, Reason = "maintenance", NoWait = true });
        await plane.Admin.LockAsync(new() { Target = new() { Scope = LockScope.Group, Name = "web" }, Reason = "mine" });
        await plane.Admin.UnlockAsync(new() { Target = new() { Scope = LockScope.Group, Name = "web" } });
        await plane.Admin.DrainHostAsync(new() { Host = "a", Reason = "new disk", NoWait = true });
        await Should.ThrowAsync<RpcException>(async () => await plane.Admin.SwitchoverAsync(new() { Group = "nope", Reason = "try" }));
        await Should.ThrowAsync<RpcException>(async () => await plane.Admin.StopProgramsAsync(new() { Reason = "forgot" }));
        (await plane.Admin.ApplyAsync(new() { Groups = { Models.Group("x", new Member { Host = "nowhere" }) } })).Errors.ShouldNotBeEmpty();

        var ends = (await EntriesAsync(plane)).Where(e => e.Kind == "ended").Skip(1).ToArray();
        ends.Select(e => (e.Call, string.Join(' ', e.Objects), e.Result, e.Reason)).ShouldBe([
            ("AdminService/StopPrograms", "program/web:http", "OK", "maintenance"),
            ("AdminService/Lock", "group/web", "OK", "mine"),
            ("AdminService/Unlock", "group/web", "OK", ""),
            ("AdminService/DrainHost", "host/a", "OK", "new disk"),
            ("AdminService/Switchover", "group/nope", "NOT_FOUND", "try"),
            ("AdminService/StopPrograms", "", "INVALID_ARGUMENT", "forgot"),
            ("AdminService/Apply", "group/x", "INVALID_ARGUMENT", "")]);
        ends[0].Changes.ShouldContain("\"desired_state\":{\"before\":\"DESIRED_STATE_RUNNING\",\"after\":\"DESIRED_STATE_STOPPED\"}");
        ends[1].Changes.ShouldContain("\"locked_by\":{\"after\":\"127.0.0.1\"}");
        ends[2].Changes.ShouldContain("\"reason\":{\"before\":\"mine\"}");
        ends[3].Changes.ShouldContain("\"drained_reason\":{\"after\":\"new disk\"}");
        ends[4].Detail.ShouldNotBeEmpty();
        ends[6].Detail.ShouldContain("nowhere");
    }

    [Fact]
    public async Task A_rollback_is_written_with_what_it_changed()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        await plane.ApplyAsync(web);
        var first = (await plane.Registry.ListRevisionsAsync(new())).Revisions[0].Number;
        web.Programs[0].Command = "/bin/false";
        await plane.ApplyAsync(web);
        await plane.Registry.RollbackAsync(new() { Revision = first, DryRun = true });
        await plane.Registry.RollbackAsync(new() { Revision = first, Reason = "it was slow" });

        var entries = (await EntriesAsync(plane)).Where(e => e.Call == "RegistryService/Rollback").ToArray();
        entries.Select(e => (e.Kind, e.Result, e.Reason)).ShouldBe([("asked", "", "it was slow"), ("ended", "OK", "it was slow")]);
        entries[1].Changes.ShouldContain("\"command\":{\"before\":\"/bin/false\",\"after\":\"/bin/true\"}");
    }

    [Fact]
    public async Task What_only_looks_is_not_written()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.Admin.ListHostsAsync(new());
        await plane.Admin.ApplyAsync(new() { Hosts = { new Host { Name = "a" } }, DryRun = true });
        (await EntriesAsync(plane)).ShouldBeEmpty();
        (await Operator.RunAsync(plane.GrpcUrl, "audit", "verify")).ShouldBe(new(0, "unbroken: there are no entries\n", ""));
    }

    [Fact]
    public async Task Nothing_is_done_that_cannot_be_written_down()
    {
        var folder = Directory.CreateTempSubdirectory("hagrpc-audit-");
        try
        {
            var file = Path.Combine(folder.FullName, "plane.db");
            await using var plane = await InProcessPlane.StartLeadingAsync($"--sqlite={file}");
            await plane.ApplyAsync(Models.Web());
            await using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=false");
            await database.OpenAsync();
            await ExecuteAsync("create trigger no_room before insert on audit begin select raise(abort, 'no room'); end");

            var refused = await Should.ThrowAsync<RpcException>(
                async () => await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true }));
            refused.StatusCode.ShouldBe(StatusCode.Unavailable);
            refused.Status.Detail.ShouldStartWith("nothing was done, because it cannot be written down who asked for it (the audit): ");
            (await plane.Admin.ListProgramsAsync(new())).Programs.ShouldAllBe(p => p.Program.DesiredState == DesiredState.Running);

            await ExecuteAsync("drop trigger no_room");
            await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:http" }, NoWait = true });
            (await Operator.RunAsync(plane.GrpcUrl, "audit", "verify")).Out.ShouldStartWith("unbroken: entries 1 to 4; head 4:");

            async Task ExecuteAsync(string sql)
            {
                await using var command = database.CreateCommand();
                command.CommandText = sql;
                await command.ExecuteNonQueryAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_end_that_cannot_be_stored_is_stored_later()
    {
        var folder = Directory.CreateTempSubdirectory("hagrpc-audit-");
        try
        {
            var file = Path.Combine(folder.FullName, "plane.db");
            await using var plane = await InProcessPlane.StartLeadingAsync($"--sqlite={file}");
            await using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=false");
            await database.OpenAsync();
            await ExecuteAsync("create trigger no_room before insert on audit when new.kind = 'ended' begin select raise(abort, 'no room'); end");

            await plane.ApplyAsync(Models.Web());
            (await Operator.RunAsync(plane.GrpcUrl, "audit", "list")).Out.ShouldContain("  no end known  ");

            await ExecuteAsync("drop trigger no_room");
            await Until.HoldsAsync(async () => (await EntriesAsync(plane)).Count == 2, "the end is stored");
            (await EntriesAsync(plane))[1].Result.ShouldBe("OK");
            plane.Log().ShouldContain(l => l.Contains("the end of AdminService/Apply (asked for in entry 1 of the audit; 0: it was refused) cannot be stored now"));

            async Task ExecuteAsync(string sql)
            {
                await using var command = database.CreateCommand();
                command.CommandText = sql;
                await command.ExecuteNonQueryAsync();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Operators_list_export_and_verify_it()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await Operator.RunAsync(plane.GrpcUrl, "lock", "web", "--reason", "new switch");
        await Operator.RunAsync(plane.GrpcUrl, "lock", "nope");

        var list = await Operator.RunAsync(plane.GrpcUrl, "audit", "list", "--call", "Lock");
        list.Out.ShouldStartWith("ID  AT ");
        list.Out.ShouldContain("  127.0.0.1  127.0.0.1:");
        list.Out.ShouldContain("  Lock  group/web   OK         new switch\n");
        list.Out.ShouldContain("  Lock  group/nope  NOT_FOUND  hactl lock by wu (group: there is no group nope)\n");
        (await Operator.RunAsync(plane.GrpcUrl, "audit", "list", "--result", "failed", "-o", "jsonl")).Out
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain("\"objects\":[\"group/nope\"]");
        (await Operator.RunAsync(plane.GrpcUrl, "hosts", "-o", "jsonl")).Error.ShouldBe("hactl: --output jsonl: only audit list has it; write json\n");

        var head = (await Operator.RunAsync(plane.GrpcUrl, "audit", "head")).Out.Trim();
        var verified = await Operator.RunAsync(plane.GrpcUrl, "audit", "verify", "--head", head);
        verified.ShouldBe(new(0, $"unbroken: entries 1 to 6; head {head}\n", ""));

        var export = (await Operator.RunAsync(plane.GrpcUrl, "audit", "export")).Out;
        (await Operator.RunWithAsync("http://127.0.0.1:1", export, "audit", "verify", "--file", "-")).Out.ShouldBe(verified.Out);
        var forged = await Operator.RunWithAsync(
            "http://127.0.0.1:1", export.Replace("new switch", "no reason", StringComparison.Ordinal), "audit", "verify", "--file", "-");
        forged.Code.ShouldBe(1);
        forged.Out.ShouldStartWith("BROKEN: entry 3 was changed: its hash is ");
        forged.Out.ShouldEndWith("Entries 1 to 2 are as they were written.\n");
    }

    private static async Task<IReadOnlyList<AuditEntry>> EntriesAsync(InProcessPlane plane)
    {
        using var stream = new AuditService.AuditServiceClient(plane.Channel).ReadAudit(new());
        var entries = new List<AuditEntry>();
        await foreach (var answer in stream.ResponseStream.ReadAllAsync())
            entries.Add(answer.Entry);
        return entries;
    }
}
