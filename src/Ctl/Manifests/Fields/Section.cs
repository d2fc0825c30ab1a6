using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>The fields of one kind of object of a manifest, for those who write manifests and for the schema.</summary>
internal interface ISection
{
    /// <summary>What the object is called, as one word.</summary>
    string Name { get; }

    /// <summary>Its fields, in the order in which they are written.</summary>
    IReadOnlyList<ISectionField> Fields { get; }
}

/// <summary>A field as an editor knows it.</summary>
internal interface ISectionField
{
    string Name { get; }

    FieldShape Shape { get; }

    /// <summary>What it means, in a few words.</summary>
    string Meaning { get; }

    /// <summary>True: an object without it is an error.</summary>
    bool IsRequired { get; }
}

/// <summary>A field and how its value is written.</summary>
/// <param name="Name">As in the manifest.</param>
/// <param name="Shape">What may stand there.</param>
/// <param name="Meaning">In a few words.</param>
/// <param name="Value">The value to write; null when there is none.</param>
/// <param name="IsRequired">True: it is written whatever its value is.</param>
internal sealed record SectionField<T>(
    string Name, FieldShape Shape, string Meaning, Func<T, ManifestValue?> Value, bool IsRequired = false) : ISectionField;

/// <summary>The fields of one kind of object. A new field is one line in such a list, and one in the section that reads it; a test holds
/// them together.</summary>
/// <param name="name">What the object is called.</param>
/// <param name="usual">An object that says nothing: what has the same value there is not written.</param>
/// <param name="isShort">True: written on one line.</param>
/// <param name="fields">In the order in which they are written.</param>
internal sealed class Section<T>(string name, T usual, bool isShort, params SectionField<T>[] fields) : ISection
{
    private static readonly Origin Nowhere = new("", 0, "");

    public string Name => name;

    public IReadOnlyList<ISectionField> Fields => fields;

    /// <summary>What a manifest has to say of an object.</summary>
    /// <param name="item">The object.</param>
    /// <param name="all">True: also what goes without saying, unless that is an empty text.</param>
    internal ManifestMap Of(T item, bool all = false)
    {
        var map = new ManifestMap(Nowhere) { IsShort = isShort };
        foreach (var field in fields)
        {
            if (field.Value(item) is { } value && (field.IsRequired || (all && value is not TextValue { Text: "" }) || !IsUsual(field, value)))
                map.Add(field.Name, value);
        }
        return map;
    }

    private bool IsUsual(SectionField<T> field, ManifestValue value) => field.Value(usual) is { } known && InLine(known) == InLine(value);

    /// <summary>A value as one text, to compare by: lists do not compare by what is in them.</summary>
    private static string InLine(ManifestValue value) => ManifestWriter.Write(new ManifestMap(Nowhere).Add("value", value), []);
}
