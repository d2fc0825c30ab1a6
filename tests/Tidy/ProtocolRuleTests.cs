using System.Text.RegularExpressions;

namespace HaGrpc.Tidy.Tests;

/// <summary>
/// Every numbered rule of docs/ownership-protocol.md is named where it is decided and where it is tested.
/// </summary>
public sealed partial class ProtocolRuleTests
{
    private static string Document => File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "ownership-protocol.md"));

    public static TheoryData<string> NumberedRules() => [.. Rules()];

    [Theory]
    [MemberData(nameof(NumberedRules))]
    public void A_rule_is_named_in_code_and_in_a_test(string rule)
    {
        var named = new Regex($@"(?<![\w]){rule}(?![\w])");
        SourceTree.CSharp("src/").Any(f => named.IsMatch(f.Text)).ShouldBeTrue($"no file below src/ names rule {rule}");
        SourceTree.CSharp("tests/").Any(f => named.IsMatch(f.Text)).ShouldBeTrue($"no test names rule {rule}");
    }

    [Fact]
    public void The_document_has_rules() => Rules().Count.ShouldBeGreaterThan(30);

    [Fact]
    public void Code_names_no_rule_that_does_not_exist()
    {
        var known = Rules().ToHashSet();
        SourceTree.CSharp("src/").SelectMany(f => NamedRule().Matches(f.Text).SelectMany(m => RuleId().Matches(m.Value)).Select(m => (f.Path, m.Value)))
            .Where(n => !known.Contains(n.Value)).Select(n => $"{n.Path}: {n.Value}").ShouldBeEmpty();
    }

    private static IReadOnlyList<string> Rules() => [.. Definition().Matches(Document).Select(m => m.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"\*\*([LWFVCS]\d{1,2})\b")]
    private static partial Regex Definition();

    [GeneratedRegex(@"\b[LWFVCS]\d{1,2}\b")]
    private static partial Regex RuleId();

    [GeneratedRegex(@"\brules? [LWFVCS]\d{1,2}((, | and | or )[LWFVCS]\d{1,2})*")]
    private static partial Regex NamedRule();
}
