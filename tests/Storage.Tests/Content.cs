using System.Text.Json;

namespace HaGrpc.Storage.Tests;

/// <summary>Compares by content: a record that holds an ImmutableArray is equal only to itself.</summary>
internal static class Content
{
    public static string Of(object? value) => JsonSerializer.Serialize(value);

    public static void ShouldHaveTheContentOf(this object actual, object expected) => Of(actual).ShouldBe(Of(expected));
}
