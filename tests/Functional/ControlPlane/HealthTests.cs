using System.Text;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What probes and tools see of a control plane.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_leader_is_alive_ready_and_serving()
    {
        var before = TimeProvider.System.GetUtcNow();
        await using var plane = await InProcessPlane.StartLeadingAsync();

        var (aliveStatus, alive) = await plane.GetAsync("/healthz");
        var (readyStatus, ready) = await plane.GetAsync("/readyz");

        (aliveStatus, alive.GetProperty("status").GetString()).ShouldBe((200, "alive"));
        readyStatus.ShouldBe(200);
        ready.GetProperty("ready").GetBoolean().ShouldBeTrue();
        ready.GetProperty("database").GetProperty("ok").GetBoolean().ShouldBeTrue();
        ready.GetProperty("role").GetString().ShouldBe("leader");
        ready.GetProperty("leader").GetProperty("detail").GetString().ShouldBe("leads, term 1");
        ready.GetProperty("leader").GetProperty("address").GetString().ShouldBe(plane.GrpcUrl);
        ready.GetProperty("leader").GetProperty("since").GetDateTimeOffset().ShouldBeInRange(before, TimeProvider.System.GetUtcNow());
        ready.GetProperty("obstacles").GetArrayLength().ShouldBe(0);
        var health = new Health.HealthClient(plane.Channel);
        foreach (var service in new[] { "", "hagrpc.v1.AgentService", "hagrpc.v1.AdminService" })
            (await health.CheckAsync(new() { Service = service })).Status.ShouldBe(ServingStatus.Serving, service);
        (await Should.ThrowAsync<RpcException>(async () => await health.CheckAsync(new() { Service = "nobody" })))
            .StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task Without_its_database_it_is_alive_and_says_why_it_is_not_ready()
    {
        await using var plane = await InProcessPlane.StartAsync("--postgres=Host=127.0.0.1;Port=1;Username=x;Database=y;Timeout=2");
        await Until.HoldsAsync(() => Task.FromResult(plane.Log().Any(l => l.StartsWith("Error", StringComparison.Ordinal))), "it has tried");

        (await plane.GetAsync("/healthz")).Status.ShouldBe(200);
        var (status, body) = await plane.GetAsync("/readyz");

        status.ShouldBe(503);
        body.GetProperty("ready").GetBoolean().ShouldBeFalse();
        body.GetProperty("database").GetProperty("ok").GetBoolean().ShouldBeFalse();
        body.GetProperty("database").GetProperty("detail").GetString()!.ShouldContain("127.0.0.1");
        body.GetProperty("role").GetString().ShouldBe("undecided");
        body.GetProperty("leader").GetProperty("ok").GetBoolean().ShouldBeFalse();
        body.GetProperty("leader").GetProperty("term").GetInt64().ShouldBe(0);
        (await new Health.HealthClient(plane.Channel).CheckAsync(new())).Status.ShouldBe(ServingStatus.NotServing);
        var run = await Operator.RunAsync(plane.GrpcUrl, "hosts");
        run.Code.ShouldBe(7);
        run.Error.ShouldContain("cannot do it now: ");
        run.Error.ShouldContain("127.0.0.1");
    }

    [Fact]
    public async Task A_group_that_cannot_be_helped_is_named_and_does_not_make_it_unready()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());

        await Until.HoldsAsync(
            async () => (await plane.GetAsync("/readyz")).Body.GetProperty("obstacles").GetArrayLength() == 1, "the group has nobody");
        var (status, body) = await plane.GetAsync("/readyz");

        status.ShouldBe(200);
        body.GetProperty("obstacles")[0].GetProperty("group").GetString().ShouldBe("web");
        body.GetProperty("obstacles")[0].GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Reflection_tells_tools_the_services_and_their_messages()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        using var call = new ServerReflection.ServerReflectionClient(plane.Channel).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(new() { ListServices = "" });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name)
            .ShouldBe(
                [
                    "hagrpc.v1.AgentService", "hagrpc.v1.AdminService", "hagrpc.v1.RegistryService", "hagrpc.v1.AuditService", "hagrpc.v1.AccessService",
                    "hagrpc.v1.GuardService", "hagrpc.v1.AdoptionService", "hagrpc.v1.ReleaseService", "hagrpc.v1.ExplanationService", "hagrpc.v1.StateService",
                    "hagrpc.v1.EnrollmentService", "hagrpc.v1.IdentityService",
                    "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
                ],
                ignoreOrder: true);
        await call.RequestStream.WriteAsync(new() { FileContainingSymbol = AdminService.Descriptor.FullName });
        (await call.ResponseStream.MoveNext(CancellationToken.None)).ShouldBeTrue();
        var files = call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto;
        files.Select(f => f.ToString(Encoding.UTF8)).ShouldContain(f => f.Contains("WatchEventsRequest", StringComparison.Ordinal));
        await call.RequestStream.CompleteAsync();
    }
}
