using System.Text;
using CsCheck;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Emitting;
using HaGrpc.Ctl.Manifests;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>Bytes that become text, and text that becomes YAML.</summary>
public sealed class EncodingTests
{
    [Theory]
    [InlineData("utf-8", "高可用 high")]
    [InlineData("gbk", "#注意 必须配置 01")]
    [InlineData("gb18030", "龘𠮷 rare")]
    public void Files_are_read_as_they_were_written(string encoding, string text)
    {
        var bytes = encoding == "utf-8" ? Encoding.UTF8.GetBytes(text) : CodePagesEncodingProvider.Instance.GetEncoding(encoding)!.GetBytes(text);
        LegacyText.TryDecode(bytes, out var read).ShouldBeTrue();
        read.ShouldBe(text);
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xff, 0xff, 0x62 })]
    [InlineData(new byte[] { 0x61, 0, 0x62 })]
    public void What_is_neither_is_refused(byte[] bytes) => LegacyText.TryDecode(bytes, out _).ShouldBeFalse();

    [Fact]
    public void Any_text_comes_back_from_yaml_as_it_was()
    {
        // Half of a surrogate pair is no text.
        var texts = Gen.OneOf(Gen.String, Gen.String[Gen.Char[" :#-?,[]{}&*!|>'\"%@`\\\n\ttrueno~01.xé中"]]).Select(text => string.Concat(text.EnumerateRunes()));
        texts.Sample(text =>
        {
            Scalar($"x: {YamlScalarText.Of(text, inBraces: false)}\n").ShouldBe(text);
            Scalar($"x: {{y: {YamlScalarText.Of(text, inBraces: true)}, z: 1}}\n").ShouldBe(text);
            var key = string.Concat(text.EnumerateRunes().Take(60));
            Scalar($"{YamlScalarText.OfKey(key)}: {YamlScalarText.Of(text, inBraces: false)}\n").ShouldBe(text);
        });
    }

    [Theory]
    [InlineData("/bin/p --x=y 'z'", "/bin/p --x=y 'z'")]
    [InlineData("yes", "\"yes\"")]
    [InlineData("022", "\"022\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a #b", "\"a #b\"")]
    [InlineData("-x", "\"-x\"")]
    [InlineData("%(program_name)s", "\"%(program_name)s\"")]
    [InlineData("sh -c \"x: y\"", "'sh -c \"x: y\"'")]
    [InlineData("中文", "\"中文\"")]
    [InlineData("a\nb", "\"a\\nb\"")]
    [InlineData("", "\"\"")]
    public void A_text_is_quoted_where_somebody_could_misread_it(string text, string yaml) => YamlScalarText.Of(text, inBraces: false).ShouldBe(yaml);

    private static string Scalar(string yaml)
    {
        using var reader = new StringReader(yaml);
        var value = ((YamlMap)YamlDocuments.Read(reader).Single()).Entries[0].Value;
        var scalar = (YamlScalar)(value is YamlMap inner ? inner.Entries[0].Value : value);
        return scalar.Text;
    }
}
