using HaGrpc.V1;

namespace HaGrpc.Ctl.Language;

/// <summary>
/// Which language hactl speaks: as a culture, it belongs to the flow of one run and is nobody's parameter. Only what people read is spoken; names and values of
/// JSON and YAML, supervisorctl's lines and what the control plane answers stay as they are.
/// </summary>
internal static class Speech
{
    private static readonly AsyncLocal<Catalogue?> Spoken = new();

    /// <summary>True when messages are looked up in a catalogue.</summary>
    internal static bool IsForeign => Spoken.Value is not null;

    /// <summary>Speaks a language from now on, in this flow and what it begins.</summary>
    /// <param name="catalogue">Null for English.</param>
    internal static void Speak(Catalogue? catalogue) => Spoken.Value = catalogue;

    /// <summary>A message without values, or the English text of one with holes, in the language that is spoken; as it is when it is not known.</summary>
    internal static string Of(string english) => Spoken.Value?.Find(english) ?? english;

    /// <summary>A message in the language that is spoken.</summary>
    internal static string Of(Phrase phrase) => phrase.ToString();

    /// <summary>What a control plane says, in the language that is spoken; in its own English when that message is not known, as one of a newer version.</summary>
    internal static string Of(SaidText said) =>
        Spoken.Value?.Find(said.Message) is { } known ? Phrase.Filled(known, said.Values) : said.Text;

    /// <summary>Several messages as one line.</summary>
    internal static string Listed(IEnumerable<string> messages) => string.Join(IsForeign ? "；" : "; ", messages);

    /// <summary>Writes a line for people.</summary>
    internal static void Tell(this TextWriter output, Phrase phrase) => output.WriteLine(phrase.ToString());

    /// <summary>Writes a line for people.</summary>
    internal static void Tell(this TextWriter output, string text) => output.WriteLine(Of(text));
}
