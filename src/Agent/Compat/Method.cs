using System.Globalization;
using HaGrpc.Core.Compat;

namespace HaGrpc.Agent.Compat;

/// <summary>A method of the contract.</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Signature">Types: of the result, then of each parameter.</param>
/// <param name="Required">How many parameters have to be there.</param>
/// <param name="Help">What it does.</param>
/// <param name="Call">Does it.</param>
internal sealed record Method(
    string Name, string[] Signature, int Required, string Help, Func<Arguments, CancellationToken, Task<object>> Call)
{
    /// <summary>One that answers without waiting.</summary>
    public static Method Of(string name, string[] signature, int required, string help, Func<Arguments, object> call) =>
        new(name, signature, required, help, (arguments, _) => Task.FromResult(call(arguments)));

    /// <summary>Checks the parameters, then calls.</summary>
    /// <exception cref="FaultException">How it failed.</exception>
    public Task<object> RunAsync(object[] parameters, string by, CancellationToken ct)
    {
        if (parameters.Length < Required || parameters.Length >= Signature.Length)
            throw new FaultException(FaultCode.IncorrectParameters, $"{Name} takes {Expected()}, not {parameters.Length}");
        return Call(new Arguments(Name, parameters, by), ct);
    }

    private string Expected() =>
        Required == Signature.Length - 1 ? $"{Required} parameters" : $"{Required} to {Signature.Length - 1} parameters";
}

/// <summary>The parameters of a call.</summary>
/// <param name="method">For messages.</param>
/// <param name="values">As they came.</param>
/// <param name="by">Who calls.</param>
internal sealed class Arguments(string method, object[] values, string by)
{
    /// <summary>The user who calls, as this host knows it; empty when it does not.</summary>
    public string By => by;

    /// <summary>A text.</summary>
    public string Text(int index) => values[index] as string ?? throw Wrong(index, "a string");

    /// <summary>A signal: a text, or a number.</summary>
    public string Signal(int index) => values[index] switch
    {
        string text => text,
        int number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw Wrong(index, "a signal's name or number"),
    };

    /// <summary>A number; also one that a client without types writes as a text.</summary>
    public int Number(int index) => values[index] switch
    {
        int number => number,
        string text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Wrong(index, "an int"),
    };

    /// <summary>A flag that may be left out.</summary>
    public bool Flag(int index, bool otherwise) => index >= values.Length ? otherwise : values[index] switch
    {
        bool flag => flag,
        int number => number != 0,
        _ => throw Wrong(index, "a boolean"),
    };

    /// <summary>An array.</summary>
    public object[] Items(int index) => values[index] as object[] ?? throw Wrong(index, "an array");

    private FaultException Wrong(int index, string right) =>
        new(FaultCode.IncorrectParameters, $"{method}: parameter {index + 1} is not {right}");
}
