using HaGrpc.Core.Audit;

namespace HaGrpc.Core.Tests.Audit;

/// <summary>What the chain of hashes shows, and what it does not.</summary>
public sealed class AuditVerifierTests
{
    [Fact]
    public void Entries_as_they_were_written_are_unbroken()
    {
        var chain = Chain(3);
        var verifier = new AuditVerifier(HeadOf(chain[1]));
        chain.ShouldAllBe(e => verifier.Take(e));
        verifier.End(HeadOf(chain[2])).ShouldBeTrue();
        (verifier.Problem, verifier.Head).ShouldBe((null, HeadOf(chain[2])));
    }

    /// <summary>The hash of an entry is part of what old audits are verified by: it never changes.</summary>
    [Fact]
    public void The_form_of_what_is_hashed_stays() =>
        Chain(1)[0].Hash.ShouldBe("ce56e0d30e43425d9d3b7235de899c260cc94b87aa1c76d9de9be45675e9ccec");

    public static TheoryData<string, Func<AuditEntry, AuditEntry>> Changes => new()
    {
        { "at", e => e with { At = "2026-11-26T07:00:00.000000Z" } },
        { "kind", e => e with { Kind = AuditEntry.Refused } },
        { "call id", e => e with { CallId = 1 } },
        { "term", e => e with { Term = 8 } },
        { "actor", e => e with { Actor = "CN=bob" } },
        { "actor kind", e => e with { ActorKind = "token" } },
        { "address", e => e with { Address = "10.0.0.2:1" } },
        { "call", e => e with { Call = "AdminService/Lock" } },
        { "objects", e => e with { Objects = ["group/other"] } },
        { "an object more", e => e with { Objects = ["group/web", ""] } },
        { "request", e => e with { Request = "{}" } },
        { "changes", e => e with { Changes = "[]" } },
        { "answer", e => e with { Answer = "{}" } },
        { "result", e => e with { Result = "OK" } },
        { "detail", e => e with { Detail = "x" } },
        { "reason", e => e with { Reason = "" } },
        { "a text moved to the next field", e => e with { Detail = e.Reason, Reason = "" } },
        { "hash", e => e with { Hash = AuditHash.Origin } },
    };

    [Theory]
    [MemberData(nameof(Changes), DisableDiscoveryEnumeration = true)]
    public void A_changed_entry_is_named(string what, Func<AuditEntry, AuditEntry> change)
    {
        var chain = Chain(3);
        var verifier = new AuditVerifier();
        verifier.Take(chain[0]).ShouldBeTrue();
        verifier.Take(change(chain[1])).ShouldBeFalse(what);
        verifier.Take(chain[2]).ShouldBeFalse("what follows says nothing");
        verifier.Problem!.ShouldStartWith("entry 2 was changed: its hash is ");
        verifier.Head.ShouldBe(HeadOf(chain[0]));
    }

    [Fact]
    public void A_changed_entry_with_a_right_hash_breaks_the_next_one()
    {
        var chain = Chain(3);
        var forged = chain[1] with { Actor = "CN=bob" };
        forged = forged with { Hash = AuditHash.Of(forged) };
        var verifier = new AuditVerifier();
        _ = verifier.Take(chain[0]) && verifier.Take(forged) && verifier.Take(chain[2]);
        verifier.Problem.ShouldBe(
            $"entry 3 was written behind another entry 2: it names the hash {chain[1].Hash}, and entry 2 has {forged.Hash}");
    }

    [Fact]
    public void Removed_entries_are_named()
    {
        var chain = Chain(5);
        Verify(chain[1], chain[2]).ShouldBe("entry 1 is missing: the first is entry 2");
        Verify(chain[0], chain[3]).ShouldBe("entries 2 to 3 are missing: entry 1 is followed by entry 4");
        Verify(chain[0], chain[0]).ShouldBe("entry 1 comes again behind entry 1");
        var verifier = new AuditVerifier();
        verifier.Take(chain[0]).ShouldBeTrue();
        verifier.End(HeadOf(chain[2])).ShouldBeFalse();
        verifier.Problem.ShouldBe("entries 2 to 3 are missing at the end: 3 have been written");
    }

    /// <summary>Whoever rewrites an entry and all that follow it leaves a chain without a fault: only a head that was noted elsewhere shows it.</summary>
    [Fact]
    public void A_rewritten_chain_is_found_by_a_noted_head()
    {
        var chain = Chain(4);
        var rewritten = Chain(4, actor: "CN=bob");
        Verify(rewritten).ShouldBeNull();

        var verifier = new AuditVerifier(HeadOf(chain[2]));
        verifier.Take(rewritten[0]).ShouldBeTrue();
        verifier.Take(rewritten[1]).ShouldBeTrue();
        verifier.Take(rewritten[2]).ShouldBeFalse();
        verifier.Problem.ShouldBe($"entry 3, or one before it, was rewritten: its hash is {rewritten[2].Hash}, and {chain[2].Hash} was noted earlier");

        verifier = new(HeadOf(chain[3]));
        chain.Take(2).ShouldAllBe(e => verifier.Take(e));
        verifier.End(HeadOf(chain[1])).ShouldBeFalse("the counter may have been set back as well");
        verifier.Problem.ShouldBe("entries 3 to 4 are missing at the end: entry 4 was noted earlier");
    }

    [Fact]
    public void A_noted_head_is_read_back()
    {
        var head = HeadOf(Chain(1)[0]);
        AuditHead.TryParse(head.ToString(), out var read).ShouldBeTrue();
        read.ShouldBe(head);
        foreach (var wrong in new[] { "", "1", "1:", "x:" + head.Hash, head.Hash, $"1:{head.Hash}0", $"1:{head.Hash.ToUpperInvariant()}", $"-1:{head.Hash}" })
            AuditHead.TryParse(wrong, out _).ShouldBeFalse(wrong);
    }

    private static string? Verify(params AuditEntry[] entries)
    {
        var verifier = new AuditVerifier();
        foreach (var entry in entries)
            verifier.Take(entry);
        return verifier.Problem;
    }

    private static AuditHead HeadOf(AuditEntry entry) => new(entry.Id, entry.Hash);

    private static AuditEntry[] Chain(int count, string actor = "CN=eve")
    {
        var (chain, previous) = (new AuditEntry[count], AuditHash.Origin);
        for (var i = 0; i < count; i++)
        {
            var entry = new AuditEntry
            {
                Id = i + 1,
                At = "2026-11-26T06:55:00.000000Z",
                Kind = AuditEntry.Asked,
                Term = 7,
                Actor = actor,
                ActorKind = "certificate",
                Address = "10.0.0.1:40000",
                Call = "AdminService/Switchover",
                Objects = ["group/web"],
                Request = """{"group":"web","reason":"Wartung — 维护"}""",
                Reason = "Wartung — 维护",
                PreviousHash = previous,
            };
            chain[i] = entry with { Hash = AuditHash.Of(entry) };
            previous = chain[i].Hash;
        }
        return chain;
    }
}
