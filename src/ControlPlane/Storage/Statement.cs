using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// SQL written as an interpolated string whose holes become parameters, so that no value can ever be part of the text.
/// Only <see cref="RawSql"/> goes in as it is.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Statement(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 4));
    private readonly List<object?> _values = new(formattedCount);

    /// <summary>The SQL text, with parameters named <c>@p0</c>, <c>@p1</c>, ...</summary>
    public string Text => _text.ToString();

    /// <summary>The parameters' values, in order.</summary>
    public IReadOnlyList<object?> Values => _values;

    /// <summary>Rows for <c>insert … values</c>, each in its parentheses.</summary>
    public static Statement Rows(IEnumerable<Statement> rows)
    {
        var all = new Statement(0, 0);
        foreach (var row in rows)
        {
            if (all._text.Length > 0)
                all.AppendLiteral(", ");
            all.AppendFormatted(row);
        }
        return all;
    }

    /// <summary>Called by the compiler for the literal parts.</summary>
    public void AppendLiteral(string literal) => _text.Append(literal);

    /// <summary>Called by the compiler for a hole: a new parameter.</summary>
    public void AppendFormatted<T>(T value)
    {
        _text.Append(CultureInfo.InvariantCulture, $"@p{_values.Count}");
        _values.Add(value);
    }

    /// <summary>Called by the compiler for a piece of SQL that the dialect supplies.</summary>
    public void AppendFormatted(RawSql sql) => _text.Append(sql.Text);

    /// <summary>Called by the compiler for a statement inside another: its parameters come along.</summary>
    public void AppendFormatted(Statement part)
    {
        var rest = part.Text.AsSpan();
        for (var i = 0; i < part._values.Count; i++)
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
            var at = rest.IndexOf(mark, StringComparison.Ordinal);
            _text.Append(rest[..at]);
            AppendFormatted(part._values[i]);
            rest = rest[(at + mark.Length)..];
        }

        _text.Append(rest);
    }
}

/// <summary>A constant piece of SQL, never made of input.</summary>
internal readonly record struct RawSql(string Text);

/// <summary>A parameter or column that holds JSON.</summary>
internal readonly record struct JsonText(string Value);
