using HaGrpc.Core.Model;
using HaGrpc.Core.Model.Validation;

namespace HaGrpc.Core.Tests.Model;

public sealed class ReferenceValidationTests
{
    private static readonly ModelSet Stored = Sample.Set();

    [Fact]
    public void A_reference_to_something_stored_is_good() =>
        Sample.Errors(new ModelSet([], [], [Sample.Program with { Name = new("web", "other") }]), Stored).ShouldBeEmpty();

    [Fact]
    public void An_unknown_host_or_group_is_refused_with_what_is_known() =>
        Sample.Errors(
            new ModelSet(
                [],
                [Sample.Group with { Name = "mail", Members = [new("nowhere", 1)], Vips = [] }],
                [Sample.Program with { Name = new("wbe", "p") }]),
            Stored).ShouldBe([
                "groups[0].members[0].host: nowhere: unknown host; known: a, b",
                "programs[0].group: wbe: unknown group; did you mean web?",
            ]);

    [Fact]
    public void References_are_not_judged_when_nothing_is_known_of_the_store() =>
        ModelValidation.Validate(new([], [Sample.Group], []), stored: null).ShouldBeEmpty();

    [Fact]
    public void Duplicate_names_are_refused() =>
        Sample.Errors(new ModelSet(
            [new("a"), new("b"), new("a")],
            [Sample.Group, Sample.Group with { Vips = [] }],
            [Sample.Program, Sample.Program])).ShouldBe([
                "hosts[2].name: a: duplicate name: hosts[0] is this host too",
                "groups[1].name: web: duplicate name: groups[0] is this group too",
                "programs[1].name: web:http: duplicate name: programs[0] is this program too",
            ]);

    [Fact]
    public void One_address_belongs_to_one_group_whatever_its_prefix() =>
        Sample.Errors(
            new ModelSet([], [
                Sample.Group with { Name = "x", Vips = [new("10.0.0.100/32", "eth0"), new("10.0.0.7/32", "eth0")] },
                Sample.Group with { Name = "y", Vips = [new("10.0.0.7/24", "eth1")] },
            ], []),
            Stored).ShouldBe([
                "groups[0].vips[0].address: 10.0.0.100/32: group web (stored) has this address already",
                "groups[1].vips[0].address: 10.0.0.7/24: groups[0].vips[1] of group x has this address already",
            ]);

    [Fact]
    public void A_group_that_replaces_itself_keeps_its_address() =>
        Sample.Errors(new ModelSet([], [Sample.Group], []), Stored).ShouldBeEmpty();
}
